# Runs a program in a network of its own, and takes that network away a second later, as
# if somebody had pulled the cable. The rest of your machine notices nothing. Linux only.
#
#     sh lessons/12-options/peers/pull_the_cable.sh target/debug/options-keepalive-1

exec unshare --user --map-root-user --net sh -c '
    set -e
    PATH=$PATH:/usr/sbin:/sbin
    ip link set lo up
    (sleep 1; ip link set lo down; echo "the cable is pulled") &
    exec "$0"' "$1"
