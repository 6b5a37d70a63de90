# page.awk: wraps a report for the test in a browser. Usage: awk -v page=report.html -f page.awk </dev/null
# The page is shown in frames of the width of a phone and of a desk, each of which measures itself and says what it found.

function quoted(s) { gsub(/&/, "\\&amp;", s); gsub(/"/, "\\&quot;", s); return s }

BEGIN {
	probe = "<script>addEventListener('load', function () {\n" \
		"var w = innerWidth, d = document.documentElement, out = [];\n" \
		"var over = d.scrollWidth > w;\n" \
		"out.push(w + (over ? ': overflows to ' + d.scrollWidth : ': no overflow'));\n" \
		"var figures = document.querySelectorAll('figure'), shown = 0;\n" \
		"figures.forEach(function (f) { var n = 0; f.querySelectorAll('svg').forEach(function (s) {\n" \
		"  var r = s.getBoundingClientRect(); if (r.width > 200 && r.height > 150 && r.right <= w) n++; }); if (n == 1) shown++; });\n" \
		"out.push(w + ': figures ' + shown + ' of ' + figures.length + (shown == figures.length && shown ? ', all shown' : ', some not'));\n" \
		"document.querySelectorAll('.ratio').forEach(function (e) {\n" \
		"  var v = e.textContent.replace(/[x,]/g, ''); out.push(e.dataset.id + '=' + (isNaN(v) ? 'none' : +v)); });\n" \
		"var dark = 0; for (var r of document.styleSheets[0].cssRules) if (/prefers-color-scheme: dark/.test(r.conditionText || '')) dark++;\n" \
		"out.push(dark ? 'dark differs' : 'no dark');\n" \
		"parent.postMessage(out.join('|'), '*'); });</script>"
	while ((getline line < page) > 0)
		text = text line "\n"
	text = quoted(text probe)
	print "<!doctype html><pre id=r>RESULT|</pre><script>addEventListener('message', function (e) {" \
		"document.getElementById('r').textContent += e.data + '|'; });</script>"
	n = split("360 1280", width, " ")
	for (i = 1; i <= n; i++)
		printf "<iframe style=\"border:0\" width=%d height=900 srcdoc=\"%s\"></iframe>\n", width[i], text
}
