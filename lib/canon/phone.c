#include "canon/phone.h"

struct phone_plan {
    char country[3];
    const char *calling; /* code */
    const char *abroad;  /* prefix of international numbers; empty: several, or none that is known */
    const char *trunk;   /* prefix of national numbers */
    const char *lengths; /* of national numbers without it: "8,10-12" */
    bool trunk_optional; /* numbers with their area are told from local ones by their length alone */
};

/*
 * By country. The codes and prefixes are those of the ITU (Operational Bulletins 1114 and 994, with the
 * national numbering plans of E.129); the lengths are those that libphonenumber 9.0.43 has for fixed lines
 * and mobile telephones. Where the prefix of a country can be told only from the number that follows it, it
 * is that of most numbers.
 */
static const struct phone_plan plans[] = {
    {"AC", "247", "00", "", "5", false},      {"AD", "376", "00", "", "6,9", false},
    {"AE", "971", "00", "0", "8,9", false},   {"AF", "93", "00", "0", "9", false},
    {"AG", "1", "011", "1", "10", false},     {"AI", "1", "011", "1", "10", false},
    {"AL", "355", "00", "0", "8,9", false},   {"AM", "374", "00", "0", "8", false},
    {"AO", "244", "00", "", "9", false},      {"AR", "54", "00", "0", "10,11", false},
    {"AS", "1", "011", "1", "10", false},     {"AT", "43", "00", "0", "4-13", false},
    {"AU", "61", "0011", "0", "9", false},    {"AW", "297", "00", "", "7", false},
    {"AX", "358", "00", "0", "6-10", false},  {"AZ", "994", "00", "0", "9", false},
    {"BA", "387", "00", "0", "8,9", false},   {"BB", "1", "011", "1", "10", false},
    {"BD", "880", "00", "0", "6-10", false},  {"BE", "32", "00", "0", "8,9", false},
    {"BF", "226", "00", "", "8", false},      {"BG", "359", "00", "0", "6-9", false},
    {"BH", "973", "00", "", "8", false},      {"BI", "257", "00", "", "8", false},
    {"BJ", "229", "00", "", "10", false},     {"BL", "590", "00", "0", "9", false},
    {"BM", "1", "011", "1", "10", false},     {"BN", "673", "00", "", "7", false},
    {"BO", "591", "", "0", "8", false},       {"BQ", "599", "00", "", "7", false},
    {"BR", "55", "", "0", "10,11", true},     {"BS", "1", "011", "1", "10", false},
    {"BT", "975", "00", "", "7,8", false},    {"BW", "267", "00", "", "7,8", false},
    {"BY", "375", "810", "80", "9", false},   {"BZ", "501", "00", "", "7", false},
    {"CA", "1", "011", "1", "10", false},     {"CC", "61", "0011", "0", "9", false},
    {"CD", "243", "00", "0", "7-10", false},  {"CF", "236", "00", "", "8", false},
    {"CG", "242", "00", "", "9", false},      {"CH", "41", "00", "0", "9", false},
    {"CI", "225", "00", "", "10", false},     {"CK", "682", "00", "", "5", false},
    {"CL", "56", "", "", "9", false},         {"CM", "237", "00", "", "9", false},
    {"CN", "86", "00", "0", "7-11", false},   {"CO", "57", "", "0", "8,10", true},
    {"CR", "506", "00", "", "8", false},      {"CU", "53", "119", "0", "6-8,10", false},
    {"CV", "238", "0", "", "7", false},       {"CW", "599", "00", "", "7,8", false},
    {"CX", "61", "0011", "0", "9", false},    {"CY", "357", "00", "", "8", false},
    {"CZ", "420", "00", "", "9", false},      {"DE", "49", "00", "0", "5-15", false},
    {"DJ", "253", "00", "", "8", false},      {"DK", "45", "00", "", "8", false},
    {"DM", "1", "011", "1", "10", false},     {"DO", "1", "011", "1", "10", false},
    {"DZ", "213", "00", "0", "8,9", false},   {"EC", "593", "00", "0", "8,9", false},
    {"EE", "372", "00", "", "7,8", false},    {"EG", "20", "00", "0", "8-10", false},
    {"EH", "212", "00", "0", "9", false},     {"ER", "291", "00", "0", "7", false},
    {"ES", "34", "00", "", "9", false},       {"ET", "251", "00", "0", "9", false},
    {"FI", "358", "00", "0", "5-10", false},  {"FJ", "679", "00", "", "7", false},
    {"FK", "500", "00", "", "5", false},      {"FM", "691", "00", "", "7", false},
    {"FO", "298", "00", "", "6", false},      {"FR", "33", "00", "0", "9", false},
    {"GA", "241", "00", "", "7,8", false},    {"GB", "44", "00", "0", "9,10", false},
    {"GD", "1", "011", "1", "10", false},     {"GE", "995", "00", "0", "9", false},
    {"GF", "594", "00", "0", "9", false},     {"GG", "44", "00", "0", "10", false},
    {"GH", "233", "00", "0", "9", false},     {"GI", "350", "00", "", "8", false},
    {"GL", "299", "00", "", "6", false},      {"GM", "220", "00", "", "7,9", false},
    {"GN", "224", "00", "", "8,9", false},    {"GP", "590", "00", "0", "9", false},
    {"GQ", "240", "00", "", "9", false},      {"GR", "30", "00", "", "10", false},
    {"GT", "502", "00", "", "8", false},      {"GU", "1", "011", "1", "10", false},
    {"GW", "245", "00", "", "9", false},      {"GY", "592", "001", "", "7", false},
    {"HK", "852", "00", "", "8", false},      {"HN", "504", "00", "", "8", false},
    {"HR", "385", "00", "0", "8,9", false},   {"HT", "509", "00", "", "8", false},
    {"HU", "36", "00", "06", "8,9", false},   {"ID", "62", "", "0", "7-12", false},
    {"IE", "353", "00", "0", "7-10", false},  {"IL", "972", "", "0", "8,9,11,12", false},
    {"IM", "44", "00", "0", "10", false},     {"IN", "91", "00", "0", "10", false},
    {"IO", "246", "00", "", "7", false},      {"IQ", "964", "00", "0", "8-10", false},
    {"IR", "98", "00", "0", "6,7,10", false}, {"IS", "354", "00", "", "7,9", false},
    {"IT", "39", "00", "", "6-12", false},    {"JE", "44", "00", "0", "10", false},
    {"JM", "1", "011", "1", "10", false},     {"JO", "962", "00", "0", "8,9", false},
    {"JP", "81", "010", "0", "9,10", false},  {"KE", "254", "000", "0", "7-9", false},
    {"KG", "996", "00", "0", "9", false},     {"KH", "855", "", "0", "8,9", false},
    {"KI", "686", "00", "0", "5,8", false},   {"KM", "269", "00", "", "7", false},
    {"KN", "1", "011", "1", "10", false},     {"KP", "850", "", "0", "8,10", false},
    {"KR", "82", "", "0", "5,6,8-10", false}, {"KW", "965", "00", "", "8", false},
    {"KY", "1", "011", "1", "10", false},     {"KZ", "7", "810", "8", "10", false},
    {"LA", "856", "00", "0", "8-10", false},  {"LB", "961", "00", "0", "7,8", false},
    {"LC", "1", "011", "1", "10", false},     {"LI", "423", "00", "0", "7,9", false},
    {"LK", "94", "00", "0", "9", false},      {"LR", "231", "00", "0", "7-9", false},
    {"LS", "266", "00", "", "8", false},      {"LT", "370", "00", "0", "8", false},
    {"LU", "352", "00", "", "4-11", false},   {"LV", "371", "00", "", "8", false},
    {"LY", "218", "00", "0", "9", false},     {"MA", "212", "00", "0", "9", false},
    {"MC", "377", "00", "0", "8,9", false},   {"MD", "373", "00", "0", "8", false},
    {"ME", "382", "00", "0", "8", false},     {"MF", "590", "00", "0", "9", false},
    {"MG", "261", "00", "0", "9", false},     {"MH", "692", "011", "1", "7", false},
    {"MK", "389", "00", "0", "8", false},     {"ML", "223", "00", "", "8", false},
    {"MM", "95", "00", "0", "6-10", false},   {"MN", "976", "001", "0", "8-10", false},
    {"MO", "853", "00", "", "8", false},      {"MP", "1", "011", "1", "10", false},
    {"MQ", "596", "00", "0", "9", false},     {"MR", "222", "00", "", "8", false},
    {"MS", "1", "011", "1", "10", false},     {"MT", "356", "00", "", "8", false},
    {"MU", "230", "020", "", "7,8", false},   {"MV", "960", "00", "", "7", false},
    {"MW", "265", "00", "0", "7,9", false},   {"MX", "52", "00", "", "10", false},
    {"MY", "60", "00", "0", "8-10", false},   {"MZ", "258", "00", "", "8,9", false},
    {"NA", "264", "00", "0", "8,9", false},   {"NC", "687", "00", "", "6", false},
    {"NE", "227", "00", "", "8", false},      {"NF", "672", "00", "", "6", false},
    {"NG", "234", "009", "0", "10", false},   {"NI", "505", "00", "", "8", false},
    {"NL", "31", "00", "0", "9,11", false},   {"NO", "47", "00", "", "8", false},
    {"NP", "977", "00", "0", "8,10", false},  {"NR", "674", "00", "", "7", false},
    {"NU", "683", "00", "", "4,7", false},    {"NZ", "64", "00", "0", "8-10", false},
    {"OM", "968", "00", "", "8", false},      {"PA", "507", "00", "", "7,8", false},
    {"PE", "51", "00", "0", "8,9", true},     {"PF", "689", "00", "", "8", false},
    {"PG", "675", "00", "", "7,8", false},    {"PH", "63", "00", "0", "6,8-10", false},
    {"PK", "92", "00", "0", "9,10", false},   {"PL", "48", "00", "", "7,9", false},
    {"PM", "508", "00", "0", "6,9", false},   {"PR", "1", "011", "1", "10", false},
    {"PS", "970", "00", "0", "8,9", false},   {"PT", "351", "00", "", "9", false},
    {"PW", "680", "", "", "7", false},        {"PY", "595", "00", "0", "7-9", false},
    {"QA", "974", "00", "", "8", false},      {"RE", "262", "00", "0", "9", false},
    {"RO", "40", "00", "0", "6,9", false},    {"RS", "381", "00", "0", "7-12", false},
    {"RU", "7", "810", "8", "10", false},     {"RW", "250", "00", "0", "8,9", false},
    {"SA", "966", "00", "0", "9", false},     {"SB", "677", "", "", "5,7", false},
    {"SC", "248", "00", "", "7", false},      {"SD", "249", "00", "0", "9", false},
    {"SE", "46", "00", "0", "7-9", false},    {"SG", "65", "", "", "8", false},
    {"SH", "290", "00", "", "4,5", false},    {"SI", "386", "00", "0", "8", false},
    {"SJ", "47", "00", "", "8", false},       {"SK", "421", "00", "0", "6,7,9", false},
    {"SL", "232", "00", "0", "8", false},     {"SM", "378", "00", "", "8,10", false},
    {"SN", "221", "00", "", "9", false},      {"SO", "252", "00", "0", "6-9", false},
    {"SR", "597", "00", "", "6,7", false},    {"SS", "211", "00", "0", "9", false},
    {"ST", "239", "00", "", "7", false},      {"SV", "503", "00", "", "8", false},
    {"SX", "1", "011", "1", "10", false},     {"SY", "963", "00", "0", "8,9", false},
    {"SZ", "268", "00", "", "8", false},      {"TA", "290", "00", "", "4", false},
    {"TC", "1", "011", "1", "10", false},     {"TD", "235", "00", "", "8", false},
    {"TG", "228", "00", "", "8", false},      {"TH", "66", "", "0", "8,9", false},
    {"TJ", "992", "810", "", "9", false},     {"TK", "690", "00", "", "4-7", false},
    {"TL", "670", "00", "", "7,8", false},    {"TM", "993", "810", "8", "8", false},
    {"TN", "216", "00", "", "8", false},      {"TO", "676", "00", "", "5,7", false},
    {"TR", "90", "00", "0", "10", false},     {"TT", "1", "011", "1", "10", false},
    {"TV", "688", "00", "", "5-7", false},    {"TW", "886", "", "0", "8,9", false},
    {"TZ", "255", "", "0", "9", false},       {"UA", "380", "00", "0", "9", false},
    {"UG", "256", "", "0", "9", false},       {"US", "1", "011", "1", "10", false},
    {"UY", "598", "00", "0", "8", false},     {"UZ", "998", "00", "", "9", false},
    {"VA", "39", "00", "", "6-11", false},    {"VC", "1", "011", "1", "10", false},
    {"VE", "58", "00", "0", "10", false},     {"VG", "1", "011", "1", "10", false},
    {"VI", "1", "011", "1", "10", false},     {"VN", "84", "00", "0", "9,10", false},
    {"VU", "678", "00", "", "5,7", false},    {"WF", "681", "00", "", "6", false},
    {"WS", "685", "0", "", "5-7,10", false},  {"XK", "383", "00", "0", "8-12", false},
    {"YE", "967", "00", "0", "7-9", false},   {"YT", "262", "00", "0", "9", false},
    {"ZA", "27", "00", "0", "5-9", false},    {"ZM", "260", "00", "0", "9", false},
    {"ZW", "263", "00", "0", "9", false},
};

const struct phone_plan *phone_plan_find(struct str country)
{
    size_t low = 0, high = sizeof plans / sizeof plans[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(country, str_of(plans[middle].country));
        if (order == 0)
            return &plans[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* The number at *AT, which moves behind it. */
static size_t take_number(const char **at)
{
    size_t n = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        n = n * 10 + (size_t)(**at - '0');
    return n;
}

static bool has_length(const struct phone_plan *plan, size_t n)
{
    for (const char *at = plan->lengths; *at != '\0'; at += *at == ',') {
        size_t from = take_number(&at), to = from;
        if (*at == '-') {
            at++;
            to = take_number(&at);
        }
        if (n >= from && n <= to)
            return true;
    }
    return false;
}

static bool has_one_length(const struct phone_plan *plan)
{
    return strpbrk(plan->lengths, ",-") == NULL;
}

static size_t write_number(const char *before, struct str rest, char out[PHONE_MOST])
{
    size_t n = strlen(before);
    if (n + rest.n + 1 > PHONE_MOST)
        return 0;
    out[0] = '+';
    memcpy(out + 1, before, n);
    memcpy(out + 1 + n, rest.p, rest.n);
    return form_is_phone((struct str){out, 1 + n + rest.n}) ? 1 + n + rest.n : 0;
}

size_t phone_international(const struct phone_plan *plan, struct str digits, char out[PHONE_MOST])
{
    struct str abroad = str_of(plan->abroad), trunk = str_of(plan->trunk);
    if (abroad.n > 0 && str_starts(digits, abroad))
        return write_number("", str_slice(digits, abroad.n, digits.n), out);
    bool has_trunk = trunk.n > 0 && str_starts(digits, trunk);
    struct str national = str_slice(digits, has_trunk ? trunk.n : 0, digits.n);
    if (has_trunk && has_length(plan, national.n))
        return write_number(plan->calling, national, out);
    bool may_lack_trunk = trunk.n == 0 || plan->trunk_optional || has_one_length(plan);
    if (!has_trunk && may_lack_trunk && has_length(plan, digits.n))
        return write_number(plan->calling, digits, out);
    return 0;
}
