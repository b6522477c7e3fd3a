/*
 * References to other records. A target names the customer of an order by its own id, which only the loader
 * knows: what is written is the name that the hub has for it, {"hub:ref":{"entity":…,"id":…,"source":…}}
 * (hub-record.5), which the loader replaces. What is read is an id of the system that is read, as all ids of
 * its records are.
 */
#include "canon/codec_family.h"

static const struct json_node *member(const struct json_node *reference, const char *name)
{
    return json_get(json_get(reference, STR("hub:ref")), str_of(name));
}

bool codec_is_reference(const struct json_node *in)
{
    return in->type == JSON_OBJECT && json_is(member(in, "id"), JSON_STRING);
}

/* The one of an id and what names its record; AS NULL: it becomes a text. */
static const struct json_node *reference(struct codec_run *run, const struct json_node *as,
                                         const struct json_node *entity, const struct json_node *id,
                                         const struct json_node *source)
{
    const struct json_node *given[] = {as, entity, id, source};
    static const char *const names[] = {"as", "entity", "id", "source"};
    struct json_node *made = arena_array(run->arena, 11, sizeof *made);
    uint32_t n = 3;
    if (made == NULL)
        return codec_memory(run);
    for (size_t i = 0; i < 4; i++) {
        if (given[i] == NULL)
            continue;
        made[n++] = json_clean_node(str_of(names[i]));
        made[n++] = *given[i];
    }
    made[0] = (struct json_node){.span = n & JSON_SPAN_MOST, .type = JSON_OBJECT};
    made[1] = json_clean_node(STR("hub:ref"));
    made[2] = (struct json_node){.span = (n - 2) & JSON_SPAN_MOST, .type = JSON_OBJECT};
    return made;
}

const struct json_node *codec_reference_number(const struct json_node *in, struct codec_run *run)
{
    static const struct json_node number = {
        .p = "number", .n = 6, .span = 1, .type = JSON_STRING, .form = JSON_CLEAN};
    return reference(run, &number, member(in, "entity"), member(in, "id"), member(in, "source"));
}

/* What was written, and not sent, is read as it was. */
const struct json_node *reference_decode(const struct codec_use *use, const struct json_node *in,
                                         struct codec_run *run)
{
    const struct json_node *id = codec_is_reference(in) ? member(in, "id") : in;
    const struct json_node *entity = id != in ? member(in, "entity") : NULL;
    if (id != in && (entity == NULL || !json_equal(entity, use->arg[0])))
        return codec_refuse(run, "ref", "a reference to a record of this entity", in);
    return id->type == JSON_STRING && id->n > 0 ? id : codec_refuse(run, "ref", "an id, which is a text", id);
}

const struct json_node *reference_encode(const struct codec_use *use, const struct json_node *in,
                                         struct codec_run *run)
{
    if (in->type != JSON_STRING || in->n == 0)
        return codec_refuse(run, "ref", "an id, which is a text", in);
    const struct json_node *source = use->arg[1];
    if (!json_is(source, JSON_STRING) || source->n == 0)
        return codec_refuse_as(run, "ref", "no source says whose id it is", in);
    return reference(run, NULL, use->arg[0], in, source);
}
