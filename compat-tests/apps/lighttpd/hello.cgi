echo "Content-Type: text/plain"
echo
echo "method $REQUEST_METHOD query $QUERY_STRING"
cat
echo "end"
