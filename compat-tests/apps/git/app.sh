# git: a repository with two branches, a merge, a conflict, log, diff, blame, stash, gc, clone, fsck.
packages="git"

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
