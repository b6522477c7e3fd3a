/*
 * What is done with a record, by what the target has of it.
 */
#include "deliver/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ALL = CARRIER_CREATE | CARRIER_UPDATE | CARRIER_DELETE };

static struct carrier carrier(enum carrier_changed changed, unsigned ops, unsigned only)
{
    return (struct carrier){.changed = changed, .ops = ops, .only = only};
}

static struct ledger_entry has(enum ledger_state state, char version)
{
    struct ledger_entry entry = {.record = 1, .state = state, .n = 1};
    memset(entry.version, version, sizeof entry.version);
    return entry;
}

static struct given given(enum given_op op, char version, char was)
{
    struct given g = {.op = op, .change = op != GIVEN_UPSERT && was != '?', .has_was = was > '?'};
    memset(g.version, version, sizeof g.version);
    memset(g.was, was, sizeof g.was);
    return g;
}

static struct decision decided(struct carrier c, struct ledger_entry entry, struct given g)
{
    struct decision d;
    decide(&d, &c, &entry, &g);
    return d;
}

static void states_are_brought_to_what_was_given(void **state)
{
    (void)state;
    struct carrier c = carrier(CARRIER_APPLY, ALL, 0);
    struct decision d = decided(c, has(LEDGER_NONE, 0), given(GIVEN_UPSERT, 'a', '?'));
    assert_int_equal(d.what, DECIDED_SEND);
    assert_int_equal(d.op, CARRIER_CREATE);
    d = decided(c, has(LEDGER_APPLIED, 'a'), given(GIVEN_UPSERT, 'a', '?'));
    assert_int_equal(d.what, DECIDED_UNCHANGED);
    d = decided(c, has(LEDGER_APPLIED, 'a'), given(GIVEN_UPSERT, 'b', '?'));
    assert_int_equal(d.what, DECIDED_SEND);
    assert_int_equal(d.op, CARRIER_UPDATE);
    d = decided(c, has(LEDGER_DELETED, 'a'), given(GIVEN_UPSERT, 'a', '?'));
    assert_int_equal(d.what, DECIDED_SEND);
    assert_int_equal(d.op, CARRIER_CREATE);
}

/* Of all that a target can have, a change is sent, or is there already, or is a conflict. */
static void changes_start_from_what_the_target_has(void **state)
{
    (void)state;
    struct carrier c = carrier(CARRIER_APPLY, ALL, 0);
    struct given update = given(GIVEN_UPDATE, 'b', 'a'), create = given(GIVEN_CREATE, 'b', '>');
    assert_int_equal(decided(c, has(LEDGER_APPLIED, 'a'), update).what, DECIDED_SEND);
    assert_int_equal(decided(c, has(LEDGER_APPLIED, 'b'), update).what, DECIDED_UNCHANGED);
    assert_string_equal(decided(c, has(LEDGER_APPLIED, 'x'), update).code, "conflict");
    assert_string_equal(decided(c, has(LEDGER_DELETED, 'x'), update).code, "conflict");
    assert_int_equal(decided(c, has(LEDGER_NONE, 0), update).what, DECIDED_SEND);
    assert_int_equal(decided(c, has(LEDGER_NONE, 0), create).what, DECIDED_SEND);
    assert_int_equal(decided(c, has(LEDGER_DELETED, 'x'), create).what, DECIDED_SEND);
    assert_string_equal(decided(c, has(LEDGER_APPLIED, 'x'), create).code, "conflict");
    struct given delete = given(GIVEN_DELETE, 'd', 'a');
    assert_int_equal(decided(c, has(LEDGER_APPLIED, 'a'), delete).op, CARRIER_DELETE);
    assert_int_equal(decided(c, has(LEDGER_NONE, 0), delete).what, DECIDED_UNCHANGED);
    assert_string_equal(decided(c, has(LEDGER_APPLIED, 'x'), delete).code, "conflict");
}

static void what_is_told_once_is_not_told_again(void **state)
{
    (void)state;
    struct carrier c = carrier(CARRIER_IGNORE, ALL, 0);
    for (int from = LEDGER_APPLIED; from <= LEDGER_LEFT_OUT; from++) {
        struct decision d = decided(c, has((enum ledger_state)from, 'a'), given(GIVEN_UPSERT, 'b', '?'));
        assert_int_equal(d.what, DECIDED_LEFT_OUT);
        assert_int_equal(d.state, LEDGER_LEFT_OUT);
        d = decided(c, has((enum ledger_state)from, 'a'), given(GIVEN_DELETE, 'd', '?'));
        assert_int_equal(d.what, DECIDED_LEFT_OUT);
    }
}

static void postings_take_only_changes_from_what_they_have(void **state)
{
    (void)state;
    struct carrier c = carrier(CARRIER_REFUSE, ALL, 0);
    assert_string_equal(decided(c, has(LEDGER_APPLIED, 'a'), given(GIVEN_UPSERT, 'b', '?')).code, "changed");
    assert_int_equal(decided(c, has(LEDGER_APPLIED, 'a'), given(GIVEN_UPDATE, 'b', 'a')).what, DECIDED_SEND);
    assert_int_equal(decided(c, has(LEDGER_NONE, 0), given(GIVEN_UPSERT, 'b', '?')).what, DECIDED_SEND);
}

static void operations_that_are_not_described_are_left_out(void **state)
{
    (void)state;
    struct carrier updates = carrier(CARRIER_APPLY, CARRIER_CREATE | CARRIER_UPDATE, CARRIER_UPDATE);
    assert_int_equal(decided(updates, has(LEDGER_NONE, 0), given(GIVEN_CREATE, 'a', '>')).what,
                     DECIDED_LEFT_OUT);
    struct decision d = decided(updates, has(LEDGER_LEFT_OUT, 'a'), given(GIVEN_UPDATE, 'b', 'a'));
    assert_int_equal(d.what, DECIDED_SEND);
    assert_int_equal(d.op, CARRIER_UPDATE);
    d = decided(updates, has(LEDGER_APPLIED, 'a'), given(GIVEN_DELETE, 'd', 'a'));
    assert_int_equal(d.what, DECIDED_LEFT_OUT);
    assert_int_equal(d.state, LEDGER_APPLIED);
}

static void what_is_uncertain_waits_for_a_person(void **state)
{
    (void)state;
    struct carrier c = carrier(CARRIER_APPLY, ALL, 0);
    for (int op = GIVEN_UPSERT; op <= GIVEN_DELETE; op++) {
        struct ledger_entry entry = has(LEDGER_NONE, 0);
        entry.parked = entry.uncertain = true;
        struct decision d = decided(c, entry, given((enum given_op)op, 'b', '>'));
        assert_int_equal(d.what, DECIDED_PARK);
        assert_string_equal(d.code, LEDGER_UNCERTAIN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_brought_to_what_was_given),
        cmocka_unit_test(changes_start_from_what_the_target_has),
        cmocka_unit_test(what_is_told_once_is_not_told_again),
        cmocka_unit_test(postings_take_only_changes_from_what_they_have),
        cmocka_unit_test(operations_that_are_not_described_are_left_out),
        cmocka_unit_test(what_is_uncertain_waits_for_a_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
