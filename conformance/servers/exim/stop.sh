#!/usr/bin/env bash
# stop.sh PORT: ends what start.sh PORT started.
# shellcheck source=../common.sh
. "$(dirname "$0")/../common.sh"
end
