# python starts and ends: bare, and with a few modules of its library imported. A sample is one process.
needs="/usr/bin/python3"

bench()
{
	repeat start /usr/bin/python3 -I "$here/starts.py" 15 pass
	repeat import /usr/bin/python3 -I "$here/starts.py" 8 "import json, re, argparse, decimal, http.client"
}
