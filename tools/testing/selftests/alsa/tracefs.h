/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events, as a test reads them: what stands behind the colon of a line, one
 * string for each event, in order.
 */
#ifndef TRACEFS_H
#define TRACEFS_H

#include <stdbool.h>
#include <stdio.h>

#define TRACEFS_LINES	256
#define TRACEFS_LENGTH	160

struct tracefs_lines {
	int count;
	char line[TRACEFS_LINES][TRACEFS_LENGTH];	/* "event: text" */
};

/* Does the kernel have events of that system? */
bool tracefs_has(const char *system);
/* Switches the events of a system on, with an empty trace, or off. */
int tracefs_begin(const char *system);
int tracefs_end(const char *system);
/* All that was traced; more than TRACEFS_LINES is an error. */
int tracefs_read(struct tracefs_lines *lines);
/* A file of tracefs: write a word to it, or open it to read. NULL if it is not there. */
int tracefs_put(const char *file, const char *text);
FILE *tracefs_open(const char *file);
/* A line of one's own in the trace, if there is one */
void tracefs_mark(const char *text);

#endif
