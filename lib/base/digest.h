/*
 * Message digests, by libcrypto (loaded when first used; the prepared algorithm is kept for the process, and
 * lent to one thread at a time).
 */
#ifndef HUB_BASE_DIGEST_H
#define HUB_BASE_DIGEST_H

#include "base/err.h"
#include "base/str.h"

enum { DIGEST_SHA256 = 65, DIGEST_MD5 = 33 }; /* hex digits and a NUL */

/* Lower-case hex of SHA-256 (FIPS 180-4) and a NUL. -1 (code `config`) where libcrypto is not there. */
int digest_sha256(char out[DIGEST_SHA256], struct str bytes, struct err *e);

/* The same of MD5 (RFC 1321): for systems that name their records by it, never as a proof. */
int digest_md5(char out[DIGEST_MD5], struct str bytes, struct err *e);

/* SHA-256 for who takes many, and waits for no other thread: it shares nothing. */
struct digest;
struct digest *digest_new(struct err *e);
void digest_free(struct digest *d); /* may be NULL */
int digest_take(struct digest *d, char out[DIGEST_SHA256], struct str bytes, struct err *e);

#endif
