/*
 * The Link header (RFC 8288): `<https://…?page=2>; rel="next", <…>; rel="last"`.
 *
 *     struct str next = link_find(header, STR("next"));        the target as it stands; absent: none
 */
#ifndef HUB_SYSTEM_LINK_H
#define HUB_SYSTEM_LINK_H

#include "base/arena.h"
#include "base/str.h"

/* The target of the first link whose rel has RELATION among its words (compared without case). What is broken
 * ends the search. */
struct str link_find(struct str header, struct str relation);

/* REFERENCE as a URL, seen from the URL BASE (RFC 3986 §5.2; "." and ".." are left to the server): itself
 * where it is whole. .p NULL: BASE is no URL, or A is full. */
struct str link_resolve(struct str base, struct str reference, struct arena *a);

#endif
