/* setup.h: before any crypto. */
#pragma once

void crypto_init(void);
