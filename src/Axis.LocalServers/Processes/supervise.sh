# Runs one server as the leader of its own session, so that Ctrl-C in a terminal reaches only the one who started it,
# and brings the server down in order when told to (TERM), or when that one goes away: standard input is a pipe that
# he holds, and its end means that he is gone, however he died.
#
# USR1 kills the server as a crash would; it is collected here, because not every container's first process does that.
#
# usage: supervise STOP-SIGNAL WATCH(yes|no) LOG COMMAND...
stop=$1 watch=$2 log=$3
shift 3
exec >>"$log" 2>&1 3<&0 </dev/null

"$@" 3<&- &
server=$!
trap 'kill -s "$stop" "$server" 2>/dev/null' TERM INT HUP
trap 'kill -s KILL "$server" 2>/dev/null' USR1

if [ "$watch" = yes ]; then
    (
        trap - TERM INT HUP USR1
        read -r _ <&3
        kill -s "$stop" "$server"
        for _ in {1..50}; do
            kill -0 "$server" 2>/dev/null || exit
            sleep 0.2
        done
        kill -KILL 0
    ) &
fi
exec 3<&-

# A signal that is handled ends a wait early.
while kill -0 "$server" 2>/dev/null; do
    wait "$server"
    code=$?
done

# What the server left behind in this session: the port mapper of Erlang, and the watcher above.
trap '' TERM
kill -TERM 0
exit "$code"
