// SPDX-License-Identifier: GPL-2.0
/*
 * noncoherent-rows, compiled for 64-bit time.
 *
 * To 32-bit user space with 64-bit time SYNC_PTR and STATUS are other ioctls than
 * to one with 32-bit time, and a 64-bit kernel has code of its own for them. The
 * Makefile adds noncoherent-rows.c and the options; here is the proof that they
 * took effect.
 */
#include <assert.h>
#include <time.h>

static_assert(sizeof(time_t) == 8, "wanted 64-bit time");
