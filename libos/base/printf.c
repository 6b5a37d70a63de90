/* printf.c: vsnprintf for the formats the LibOS uses:
 * flags - 0 + space #, width and precision (also *), h hh l ll z t j, d i u x X o c s p %. No floats. */
#include "base/string.h"

struct out {
	char *buf;
	size_t size, len;
};

struct spec {
	bool left, zero, plus, space, alt;
	int width, precision; /* precision < 0: none */
	int longs;            /* -2 hh, -1 h, 0, 1 l and wider */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const struct spec *s, const char *str)
{
	size_t n;

	if (!str)
		str = "(null)";
	n = s->precision >= 0 ? strnlen(str, (size_t)s->precision) : strlen(str);
	if (!s->left)
		pad(o, ' ', s->width - (int)n);
	for (size_t i = 0; i < n; i++)
		put(o, str[i]);
	if (s->left)
		pad(o, ' ', s->width - (int)n);
}

static void put_number(struct out *o, const struct spec *s, uint64_t v, unsigned base, bool upper,
		       const char *prefix)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24];
	int n = 0, zeros, plen = (int)strlen(prefix);

	if (base == 16) /* /proc/PID/maps is full of them, and a division takes long */
		do
			tmp[n++] = digits[v & 15];
		while (v >>= 4);
	else
		do
			tmp[n++] = digits[v % base];
		while (v /= base);
	if (s->precision == 0 && n == 1 && tmp[0] == '0')
		n = 0;
	zeros = s->precision > n ? s->precision - n : 0;
	if (s->zero && !s->left && s->precision < 0 && s->width > n + plen)
		zeros = s->width - n - plen;
	if (!s->left)
		pad(o, ' ', s->width - n - zeros - plen);
	while (*prefix)
		put(o, *prefix++);
	pad(o, '0', zeros);
	for (int i = n; i--;)
		put(o, tmp[i]);
	if (s->left)
		pad(o, ' ', s->width - n - zeros - plen);
}

static const char *parse_int(const char *f, int *out, va_list *ap)
{
	if (*f == '*') {
		*out = va_arg(*ap, int);
		return f + 1;
	}
	for (*out = 0; *f >= '0' && *f <= '9'; f++)
		*out = *out * 10 + (*f - '0');
	return f;
}

static const char *parse_spec(const char *f, struct spec *s, va_list *ap)
{
	*s = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else if (*f == '+')
			s->plus = true;
		else if (*f == ' ')
			s->space = true;
		else if (*f == '#')
			s->alt = true;
		else
			break;
	}
	f = parse_int(f, &s->width, ap);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (*f == '.')
		f = parse_int(f + 1, &s->precision, ap);
	for (;; f++) {
		if (*f == 'l' || *f == 'z' || *f == 't' || *f == 'j')
			s->longs++;
		else if (*f == 'h')
			s->longs--;
		else
			return f;
	}
}

static uint64_t unsigned_arg(const struct spec *s, va_list *ap)
{
	if (s->longs > 0)
		return va_arg(*ap, unsigned long);
	unsigned v = va_arg(*ap, unsigned);

	return s->longs == -1 ? (unsigned short)v : s->longs == -2 ? (unsigned char)v : v;
}

static void put_signed(struct out *o, const struct spec *s, va_list *ap)
{
	int64_t v = s->longs > 0 ? va_arg(*ap, long) : va_arg(*ap, int);
	const char *sign = v < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	put_number(o, s, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, false, sign);
}

static void put_conversion(struct out *o, char c, const struct spec *s, va_list *ap)
{
	struct spec one = *s;

	switch (c) {
	case 'd':
	case 'i':
		put_signed(o, s, ap);
		break;
	case 'u':
		put_number(o, s, unsigned_arg(s, ap), 10, false, "");
		break;
	case 'o':
		put_number(o, s, unsigned_arg(s, ap), 8, false, s->alt ? "0" : "");
		break;
	case 'x':
	case 'X':
		put_number(o, s, unsigned_arg(s, ap), 16, c == 'X', s->alt ? "0x" : "");
		break;
	case 'p':
		put_number(o, s, (uint64_t)va_arg(*ap, void *), 16, false, "0x");
		break;
	case 'c': {
		char tmp[2] = { (char)va_arg(*ap, int), 0 };

		one.precision = 1;
		put_string(o, &one, tmp);
		break;
	}
	case 's':
		put_string(o, s, va_arg(*ap, const char *));
		break;
	default:
		put(o, c);
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	va_list args;

	va_copy(args, ap);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s, &args);
		if (!*fmt)
			break;
		put_conversion(&o, *fmt, &s, &args);
	}
	va_end(args);
	if (size)
		buf[o.len < size ? o.len : size - 1] = 0;
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
