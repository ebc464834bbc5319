/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocations that fail, one at a time.
 *
 * The kernel's fault injection (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC) lets the N-th
 * allocation fail that this thread makes from now on. A test makes the same call again
 * and again, with the first, the second and so on failing, until there are no more: then
 * it has seen each way in which the call can run out of memory.
 *
 * Objects and pages are counted apart: now and then an object needs a new page for its
 * slab, and that would move the numbers of all that follow, past the one that is meant.
 */
#ifndef NOMEM_H
#define NOMEM_H

#include <stdbool.h>

enum nomem_kind { NOMEM_OBJECTS, NOMEM_PAGES, NOMEM_KINDS };

/* False if the kernel cannot do it. */
bool nomem_begin(void);
/* Which allocations are counted from here on */
void nomem_count(enum nomem_kind kind);
/* The @nth allocation of this thread fails, 1 is the next one. */
void nomem_arm(unsigned int nth);
/* Whether it did; none fails from here on. */
bool nomem_hit(void);

#endif
