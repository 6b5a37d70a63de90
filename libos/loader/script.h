/* script.h: the first line of a "#!" script. */
#pragma once
#include "base/types.h"

#define SCRIPT_HEAD_MAX 256 /* only this much of the file is looked at */

/* Takes the line apart in place (NULs are written into head, which has room for len + 1 bytes). *interp and
 * *arg (NULL: none) point into head. -ENOEXEC: not a script, no name, or a name that may be cut off. */
int script_parse(char *head, size_t len, char **interp, char **arg) must_check;
