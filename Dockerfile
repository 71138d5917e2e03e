# Gantry's image: the standalone server of `GANTRY_STANDALONE=1 npm run build`, on any image that has Node 20 or newer.
# `npm run image` builds both. It keeps nothing in its own files: the root may be read-only, with /data and /tmp writable.
ARG NODE_IMAGE=node:22-bookworm-slim
FROM ${NODE_IMAGE}
WORKDIR /opt/gantry
COPY .next/standalone/ ./
COPY build/cli/ build/cli/
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    GANTRY_HOST=0.0.0.0 \
    PORT=3000 \
    GANTRY_DATA=/data
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "lib/cli/serve.mjs"]
