export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' GIT_PAGER=cat
exec 2>&1
git init -q -b main repo && cd repo || exit
for i in $(seq 30); do seq "$i" 100 >file$i; done
mkdir sub; cp /usr/include/stdio.h sub; git add . && git commit -q -m "first" && git log --oneline
git checkout -q -b topic; sed -i s/stdio/STDIO/ sub/stdio.h; echo new >new; git add new; git commit -qam "topic change"
git checkout -q main; sed -i '1s/^/top /' file1; git commit -qam "main change"
git merge -q --no-edit topic; git log --graph --format='%h %s %an' --all
git diff HEAD~2 --stat; git show --stat --format=%H HEAD~1; git blame -s file1 | head -n 3
git checkout -q -b conflict HEAD~1; echo other >new; git add new; git commit -qm conflict; git merge main; git status --short; git diff --name-only --diff-filter=U
git checkout --theirs new; git add new; git commit -qm resolved; git tag -a v1 -m "version 1"; git describe
echo dirty >>file2; git stash -q; git status --short; git stash pop -q; git status --short; git checkout -q file2
git rebase -q main; git log --format=%s; git cat-file -p 'HEAD^{tree}' | head -n 3; git rev-list --all --count; git grep -c define | head -n 2
git repack -adq; git gc -q; git count-objects -v | grep -v size; git fsck --full
git clone -q . ../clone && cd ../clone && git log --oneline | head -n 2; git push -q origin HEAD:refs/heads/back && git -C ../repo branch; git archive HEAD | sha1sum
git format-patch -q -1 && ls *.patch; git bundle create -q b HEAD && git bundle verify -q b; git worktree add -q ../wt topic; git worktree list | wc -l; git rm -q file3; git status --short; echo "status $?"
