#!/usr/bin/env bash
# What a person would write without this program: clone the branch, give it a network, build it, run it, wait until it
# answers. It knows nothing of earlier runs, and tidies up nothing. Each step is followed by the time at which it was over.
#
#   plain-script.sh <docker> <clone url> <branch> <directory> <name> <port> <text to wait for>
set -euo pipefail
docker=$1 url=$2 branch=$3 directory=$4 name=$5 port=$6 text=$7

done_with() { echo "$1 $EPOCHREALTIME"; }

git clone --quiet --depth 1 --branch "$branch" "$url" "$directory"
done_with cloned
"$docker" network create --label kosuke-bench=plain-script "$name" >/dev/null
done_with network
"$docker" build --quiet --tag "$name" "$directory" >/dev/null
done_with built
"$docker" run --detach --label kosuke-bench=plain-script --network "$name" --publish "127.0.0.1:$port:3000" --name "$name" "$name" >/dev/null
done_with started
for _ in $(seq 1 2000); do
  if curl --silent --fail --max-time 2 "http://127.0.0.1:$port/" | grep --quiet --fixed-strings "$text"; then
    done_with answers
    exit 0
  fi
  sleep 0.01
done
echo "no answer on port $port" >&2
exit 1
