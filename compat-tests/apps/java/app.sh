# OpenJDK 17: javac compiles and java runs, with the compilers, threads, garbage collection, processes, sockets, files.
packages="openjdk-17-jdk-headless"
limit=150

workload() {
	$SYSTEM java -version 2>&1
	$SYSTEM bash -c 'javac -d . "$HERE/App.java" && ls *.class && java -Xmx256m -cp . App && jar cf a.jar *.class && java -cp a.jar App quick' 2>&1
	echo "status $?"
}
