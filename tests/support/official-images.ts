import { existsSync, readdirSync } from 'node:fs';
import type { DebianImage } from './debian-image';

/** The same under a tag of the given test's own, which removes it while others use theirs. */
export function tagged(image: DebianImage, of: string): DebianImage {
  return { ...image, tag: image.tag.replace('/', `/${of}-`) };
}

/** The folder in which a package of Debian has its files; the name with a star where none is there. */
function versioned(parent: string, name: string): string {
  const found = existsSync(parent) ? readdirSync(parent).find((each) => each.startsWith(`${name}-`)) : null;
  return `${parent}/${found ?? `${name}-*`}`;
}

/** Changes the owner of the data and goes on as another user, as the entry points of official images do. */
const stepDown = (user: string, folders: string) => `#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
  mkdir -p ${folders}
  chown -R ${user}:${user} ${folders}
  exec /usr/bin/setpriv --reuid=${user} --regid=${user} --clear-groups "$0" "$@"
fi`;

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const setpriv = '/usr/bin/setpriv';
const postgresFolder = '/usr/lib/postgresql/15';

export const postgresImage: DebianImage = {
  tag: 'gantry-test/postgres:1',
  paths: [
    postgresFolder,
    '/usr/share/postgresql/15',
    '/usr/lib/locale/C.utf8',
    '/usr/share/zoneinfo/Etc',
    '/usr/share/zoneinfo/UTC',
  ],
  programs: [
    setpriv,
    ...['postgres', 'initdb', 'pg_ctl', 'psql', 'pg_isready'].map((name) => `${postgresFolder}/bin/${name}`),
  ],
  users: { postgres: 999 },
  texts: {
    'usr/local/bin/docker-entrypoint.sh': `${stepDown('postgres', '"$PGDATA" /var/run/postgresql')}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "$POSTGRES_PASSWORD_FILE" ]; then POSTGRES_PASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"; fi
  if [ -z "$POSTGRES_PASSWORD" ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    exit 1
  fi
  chmod 700 "$PGDATA"
  echo "$POSTGRES_PASSWORD" > /tmp/password
  initdb --username="\${POSTGRES_USER:-postgres}" --pwfile=/tmp/password --auth=scram-sha-256 --no-sync
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl -o "-c listen_addresses=''" -w start
  PGPASSWORD="$POSTGRES_PASSWORD" psql -U "\${POSTGRES_USER:-postgres}" -d postgres -h /var/run/postgresql -c "create database \\"\${POSTGRES_DB:-app}\\""
  pg_ctl -m fast -w stop
fi
exec "$@" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
`,
  },
  dockerfile: `ENV PATH=${postgresFolder}/bin:${systemPath} PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
RUN mkdir -p /var/lib/postgresql/data && chown -R 999:999 /var/lib/postgresql
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]`,
};

export const redisImage: DebianImage = {
  tag: 'gantry-test/redis:1',
  paths: [],
  programs: [setpriv, '/usr/bin/redis-server', '/usr/bin/redis-cli'],
  users: { redis: 999 },
  texts: {
    'usr/local/bin/docker-entrypoint.sh': `${stepDown('redis', '/data')}\nexec "$@" --protected-mode no\n`,
  },
  dockerfile: `ENV PATH=${systemPath}
VOLUME /data
WORKDIR /data
EXPOSE 6379
HEALTHCHECK --interval=1s CMD redis-cli ping
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]`,
};

export const nginxImage: DebianImage = {
  tag: 'gantry-test/nginx:1',
  paths: ['/etc/nginx/mime.types'],
  programs: ['/usr/sbin/nginx'],
  users: { nginx: 101 },
  texts: {
    'etc/nginx/nginx.conf': `user nginx;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events {}
http {
  include /etc/nginx/mime.types;
  access_log /dev/stdout;
  include /etc/nginx/conf.d/*.conf;
}
`,
    'etc/nginx/conf.d/default.conf': 'server { listen 80; location / { root /usr/share/nginx/html; } }\n',
    'usr/share/nginx/html/index.html': 'Welcome to nginx!\n',
    'var/lib/nginx/empty': '',
    'run/empty': '',
  },
  dockerfile: `ENV PATH=${systemPath}
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]`,
};

export const mariadbImage: DebianImage = {
  tag: 'gantry-test/mariadb:1',
  paths: ['/usr/share/mysql'],
  programs: [
    setpriv,
    '/usr/sbin/mariadbd',
    '/usr/bin/mariadb',
    '/usr/bin/mariadb-install-db',
    '/usr/bin/my_print_defaults',
    '/usr/bin/resolveip',
  ],
  users: { mysql: 999 },
  texts: {
    'usr/local/bin/docker-entrypoint.sh': `${stepDown('mysql', '/var/lib/mysql /run/mysqld')}
if [ ! -d /var/lib/mysql/mysql ]; then
  mariadb-install-db --datadir=/var/lib/mysql --skip-test-db --auth-root-authentication-method=normal > /dev/null
  printf "create user app@'%%' identified by '%s';\\ngrant all on *.* to app@'%%';\\n" "$MARIADB_PASSWORD" > /tmp/first.sql
fi
exec "$@" --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock --bind-address=0.0.0.0 --init-file=/tmp/first.sql
`,
  },
  dockerfile: `ENV PATH=${systemPath}
VOLUME /var/lib/mysql
EXPOSE 3306
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["mariadbd"]`,
};

const erlangFolder = '/usr/lib/erlang';
const erlangPrograms = ['beam.smp', 'epmd', 'erlexec', 'erl_child_setup', 'inet_gethost'];

/** Two languages deep: its programs are scripts that start Erlang, which reads a cookie that is its owner's alone. */
export const rabbitmqImage: DebianImage = {
  tag: 'gantry-test/rabbitmq:1',
  paths: ['/usr/lib/rabbitmq', erlangFolder],
  programs: [
    setpriv,
    ...erlangPrograms.map((name) => `${versioned(erlangFolder, 'erts')}/bin/${name}`),
    ...['crypto', 'crypto_callback', 'otp_test_engine'].map(
      (name) => `${versioned(`${erlangFolder}/lib`, 'crypto')}/priv/lib/${name}.so`,
    ),
  ],
  users: { rabbitmq: 999 },
  texts: {
    'etc/rabbitmq/conf.d/10-defaults.conf': 'loopback_users.guest = false\n',
    'usr/local/bin/docker-entrypoint.sh': `${stepDown('rabbitmq', '/var/lib/rabbitmq')}
cookie=/var/lib/rabbitmq/.erlang.cookie
if [ -n "$RABBITMQ_ERLANG_COOKIE" ]; then echo "$RABBITMQ_ERLANG_COOKIE" > "$cookie"; fi
if [ -e "$cookie" ]; then chmod 400 "$cookie"; fi
exec "$@"
`,
  },
  // Root, who asks after its health, reads the cookie of the server's user, as in the official image.
  dockerfile: `ENV PATH=/usr/lib/rabbitmq/bin:${erlangFolder}/bin:${systemPath} LANG=C.UTF-8 HOME=/var/lib/rabbitmq RABBITMQ_LOGS=-
RUN mkdir -p /var/lib/rabbitmq /var/log/rabbitmq /root && chown 999:999 /var/lib/rabbitmq /var/log/rabbitmq && ln -sf /var/lib/rabbitmq/.erlang.cookie /root/.erlang.cookie
VOLUME /var/lib/rabbitmq
EXPOSE 4369 5672 15672 25672
HEALTHCHECK --interval=20s --timeout=60s --start-period=60s CMD rabbitmq-diagnostics -q ping
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]`,
};

export const officialImages = [postgresImage, redisImage, nginxImage, mariadbImage, rabbitmqImage];

/** With neither a shell nor a user that it knows, and nothing but an entry point. */
export const bareImage: DebianImage = {
  tag: 'gantry-test/bare:1',
  from: 'scratch',
  paths: [],
  programs: ['/usr/bin/busybox'],
  users: {},
  texts: { 'www/index.html': 'nobody is at home\n' },
  dockerfile: `USER 4242
EXPOSE 8080
ENTRYPOINT ["/usr/bin/busybox", "httpd", "-f", "-v", "-p", "8080", "-h", "/www"]`,
};
