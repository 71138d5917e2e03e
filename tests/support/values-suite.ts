import { expect } from 'vitest';

/**
 * A suite whose writer fails once and leaves files and values; a service has one of the values, and the reader passes
 * only with the files and values of the writer's second attempt. `BREAK=1` fails it at its end.
 */
export const valuesSuite = `title: Values
vars: { tag: local, greeting: hello }
defaults: { image: "gantry/toolbox:\${{ vars.tag }}", resources: { memory: 64Mi } }
steps:
  build:
    kind: task
    retries: { max: 1, backoff: 10ms }
    run: |
      mkdir -p "$GANTRY_ARTIFACTS/dist/sub" && cd "$GANTRY_ARTIFACTS/dist"
      echo "of try $GANTRY_ATTEMPT" > a.txt
      head -c 300000 /dev/urandom > "sub/b i g.bin"
      printf '#!/bin/sh\\necho it runs' > run.sh
      echo "try=$GANTRY_ATTEMPT" >> "$GANTRY_OUTPUT"
      echo "sum=$(sha256sum < "sub/b i g.bin" | cut -c 1-64)" >> "$GANTRY_OUTPUT"
      if [ "$GANTRY_ATTEMPT" = 1 ]; then exit 1; fi
      echo "url=http://api:8080/$GANTRY_ATTEMPT" >> "$GANTRY_OUTPUT"
      { echo "notes<<END"; echo one; echo two; echo "END"; } >> "$GANTRY_OUTPUT"
    export: [dist/**]
  api:
    kind: service
    after: build
    env: { TRY: "\${{ steps.build.outputs.try }}" }
    run: |
      echo "serves try $TRY"
      sleep 1000
    ready: { log: serves try 2 }
  load: { kind: task, run: "exit 1" }
  between: { kind: task, after: build, run: "sleep 3", env: { TAG: "\${{ vars.tag }}" } }
  check:
    kind: test
    after: [api, between]
    inputs: [{ from: build, path: dist/**, to: dist }]
    env:
      URL: "\${{ steps.build.outputs.url }}"
      NOTES: "\${{ steps.build.outputs.notes }}"
      SUM: "\${{ steps.build.outputs.sum }}"
      RUN: "\${{ execution.id }} \${{ profile }} \${{ vars.greeting }}"
      BREAK: "0"
    run: |
      echo "$URL" "$NOTES"
      test "$URL \${{ steps.build.outputs.try }}" = "http://api:8080/2 2" || exit 11
      test "$(echo "$NOTES" | wc -l)" -eq 2 || exit 12
      test "$RUN" = "$GANTRY_EXECUTION_ID $GANTRY_PROFILE hi" || exit 13
      cd "$GANTRY_INPUTS/dist" || exit 14
      test "$(cat a.txt)" = "of try 2" || exit 15
      test "$(sha256sum < "sub/b i g.bin" | cut -c 1-64)" = "$SUM" || exit 16
      test "$(./run.sh)" = "it runs" || exit 17
      test "$BREAK" = 0
`;

/** Leaves out the step that always fails. */
export const quickProfile = 'steps: { load: { skip: true } }\n';

export const launchOfValues = { profile: 'quick', vars: { greeting: 'hi' } };

export const expectedOutputs = {
  try: '2',
  url: 'http://api:8080/2',
  notes: 'one\ntwo',
  sum: expect.stringMatching(/^[0-9a-f]{64}$/),
};
