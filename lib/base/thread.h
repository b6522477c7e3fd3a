/*
 * A thread beside the first one. Signals are for the first: this one blocks them all.
 */
#ifndef HUB_BASE_THREAD_H
#define HUB_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False: none was to be had. To be joined. */
bool thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
