#!/bin/sh
# Brings OpenSearch from Maven Central into the cache (50 MB, about a minute; --present: brings nothing) and prints its folder.
# Exit 1 with the reason where it cannot be had.
set -eu
version=2.19.6
cd -- "$(dirname -- "$0")/../../.."
kept=$PWD/.cache/team/opensearch-$version
command -v java >/dev/null 2>&1 || { echo "opensearch: java is not installed" >&2 && exit 1; }
if [ ! -f "$kept/OpenSearchNode.class" ]; then
  if [ "${1:-}" = --present ]; then echo "opensearch: not on this machine; npm run test:team brings it" >&2 && exit 1; fi
  for each in mvn javac; do
    command -v "$each" >/dev/null 2>&1 || { echo "opensearch: $each is not installed" >&2 && exit 1; }
  done
  built=$(mktemp -d)
  trap 'rm -rf "$built"' EXIT
  # log4j-core must have the version of the log4j-api that the server brings
  {
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>test</groupId><artifactId>node</artifactId><version>1</version><dependencies>'
    for each in org.opensearch:opensearch:$version org.opensearch.plugin:transport-netty4-client:$version \
      org.opensearch.plugin:analysis-common:$version org.apache.logging.log4j:log4j-core:2.25.4; do
      echo "$each" | sed 's|\(.*\):\(.*\):\(.*\)|<dependency><groupId>\1</groupId><artifactId>\2</artifactId><version>\3</version></dependency>|'
    done
    echo '</dependencies></project>'
  } >"$built/pom.xml"
  mvn -B -q -f "$built/pom.xml" dependency:copy-dependencies -DoutputDirectory="$built/lib" >&2
  javac -d "$built" -cp "$built/lib/*" test/team/servers/OpenSearchNode.java >&2
  mkdir -p "$(dirname "$kept")"
  rm -rf "$kept"
  cp -R "$built" "$kept"
fi
echo "$kept"
