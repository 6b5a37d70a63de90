/* hostfiles.h: see hostfiles.c. */
#pragma once

/* After mounting. May sleep. */
void hostfiles_take(void);
