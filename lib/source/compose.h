/*
 * A record of an API as it is given: with the fields that `with` takes from around it, and the lists that
 * `attach` asks for.
 *
 *     struct compose c;
 *     compose_init(&c, &session, stream);
 *     const struct json_node *data = compose_record(&c, answer, record, &e);
 *     compose_release(&c);
 */
#ifndef HUB_SOURCE_COMPOSE_H
#define HUB_SOURCE_COMPOSE_H

#include "source/pages.h"

struct compose {
    struct session *session;
    const struct json_node *stream, *with, *attach;
    struct pages pages; /* of the calls of attach */
    struct buf list;    /* what one of them gave */
    struct json_tape record, parsed;
    struct arena arena;
    const struct json_node *outer[TEXT_OUTER];
    const struct json_node *answer; /* that the last record was in */
    const struct json_node
        *passed[JSON_DEPTH]; /* by depth: where the search for what is around the last record was */
};

void compose_init(struct compose *c, struct session *s, const struct json_node *stream);
void compose_release(struct compose *c);

/* RECORD stands in ANSWER; nothing was attached or taken from around: it is given as it is. NULL: E. Good
 * until the next one. */
const struct json_node *compose_record(struct compose *c, const struct json_node *answer,
                                       const struct json_node *record, struct err *e);

#endif
