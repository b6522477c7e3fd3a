/*
 * Inside of unread.h: what maps read of native records, as a tree of the keys of objects and of which items
 * of lists. unread_tree.c makes it of programs, unread.c holds it against records.
 *
 * What two rules read of one value (each item, and the first one) are two nodes, which unread_both makes one.
 */
#ifndef HUB_CANON_UNREAD_TREE_H
#define HUB_CANON_UNREAD_TREE_H

#include "base/arena.h"
#include "canon/unread.h"
#include "json/hash.h"
#include "json/layout.h"

/* A field that is counted. */
struct unread_count {
    struct str path; /* as maps spell it */
    uint64_t records, last;
};

struct node {
    struct str name; /* of the key that it is the value of; .p NULL: of the root, or an item of a list */
    struct node *up;
    struct node **child;
    uint32_t nchildren, room;
    uint32_t *slot; /* by hash of the name: an index of CHILD plus 1, or 0; MASK + 1 of them */
    uint32_t mask;
    struct node *any; /* for all keys (.*); NULL */
    struct pick *picks;
    bool is_read;  /* whole */
    bool enters;   /* some of what is in it */
    bool is_asked; /* whether it is there: of a value that is no object, that is all */
    bool is_any;
    bool deep;                          /* a child is read in parts */
    struct unread_count *count, *items; /* of the value; of its items that no rule picks. NULL: none yet */
    struct union_of *unions;
    struct layout layout; /* of the objects that stand here; tag: an index of CHILD, or NONE */
    struct node *next;    /* of all */
};

/* Which items of a list a rule takes. A value that is no list is a list of one. */
struct pick {
    enum { PICK_EACH, PICK_INDEX, PICK_PAIR } kind;
    unsigned index;
    const struct code *pair; /* equalities of a key and a literal */
    struct node *node;       /* what it reads of them */
    struct pick *next;
};

struct union_of {
    const struct node *with;
    struct node *made;
    struct union_of *next;
};

struct unread {
    struct arena arena;
    struct hash_seed seed;
    struct node *all, *root, *beyond;
    struct node *group, *rows;    /* what a map with `group` reads: of its rows each is the root */
    struct unread_count **counts; /* in the order in which they were met */
    size_t ncounts, counts_room;
    size_t nmet;     /* fields that no rule names */
    uint64_t record; /* number of the one at hand */
    uint64_t alike;  /* of records that have no unread value, and nothing deep; 0: not known */
    const struct unread_count *first;
    int found;
    bool failed;
    bool is_helper, is_new;   /* new: the record at hand has what was not met before */
    struct buf decoded, path; /* path: of the value at hand, where values are kept */
    /* values of the record at hand */
    bool keep;
    struct unread_value *value;
    size_t nvalues, value_room;
    struct arena running;   /* texts of the record at hand */
    struct node **of_frame; /* while a program is looked through */
};

enum { UNREAD_NONE = UINT32_MAX };

/* All return NULL where memory ran out (failed is set). */
struct node *unread_node(struct unread *u, struct node *up);
struct node *unread_add(struct unread *u, struct node *node, struct str name); /* the child, made or found */
struct node *unread_both(struct unread *u, struct node *a, struct node *b);    /* A may be NULL */

/* The index of the child NAME, or UNREAD_NONE. */
uint32_t unread_find(const struct unread *u, const struct node *node, struct str name);

/* Whether the equalities of a pair hold of ITEM. */
bool unread_pair_holds(struct unread *u, const struct code *pair, const struct json_node *item);

#endif
