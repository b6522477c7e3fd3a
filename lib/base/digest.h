/*
 * Message digests, by libcrypto (loaded when first used; the prepared algorithm is kept for the process, for
 * one thread).
 */
#ifndef HUB_BASE_DIGEST_H
#define HUB_BASE_DIGEST_H

#include "base/err.h"
#include "base/str.h"

/* Lower-case hex of SHA-256 (FIPS 180-4) and a NUL. -1 (code `config`) where libcrypto is not there. */
int digest_sha256(char out[65], struct str bytes, struct err *e);

#endif
