/*
 * How telephone numbers are written in each country, as far as a number can be told from its digits: the
 * calling code (ITU-T E.164), what is dialled before numbers abroad and before national ones (E.123 §2), and
 * how long national numbers are. Lengths are those of fixed lines and mobile telephones.
 *
 *     const struct phone_plan *plan = phone_plan_find(STR("DE"));
 *     size_t n = phone_international(plan, digits, out);            "030123456" to "+4930123456"
 *
 * Not here: which areas and operators there are, so a number of the right length need not exist; and short
 * numbers, local numbers without their area, letters, extensions.
 */
#ifndef HUB_CANON_PHONE_H
#define HUB_CANON_PHONE_H

#include "canon/forms.h"

struct phone_plan;

/* NULL: no country of that alpha-2 code of ISO 3166-1, or none with a plan of its own. */
const struct phone_plan *phone_plan_find(struct str country);

/*
 * DIGITS as dialled in the country of PLAN, in E.164 form: the bytes written to OUT, or 0 where they are no
 * number of the plan. Without the trunk prefix they are a national number only where the plan has none, or
 * where its numbers are all of one length, so that a local number is not taken for one.
 */
size_t phone_international(const struct phone_plan *plan, struct str digits, char out[PHONE_MOST]);

#endif
