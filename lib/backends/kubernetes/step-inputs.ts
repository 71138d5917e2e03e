import type { V1Container, V1SecurityContext, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { KubernetesSettings } from '../../model/kubernetes-settings';
import type { StepInput } from '../../model/step-input';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { verifiedInput } from '../verified-input';
import { literal } from './literal';
import { companionNeeds, helperResources } from './pod-resources';
import { gantryFolder } from './pod-scripts';
import { tarBytes, tarOf } from './tar';

/** The container that waits, before any other of the pod but the package's, until the step's inputs are there. */
export const inputsContainer = 'inputs';

const root = '/gantry/in';
const placedFile = `${gantryFolder}/inputs-placed`;

/** Takes an archive of `$1` bytes: to a program in a pod nobody can say that its input has ended. */
const placeScript = `
set -o pipefail
umask 022
cd ${root} || exit 1
/bin/busybox head -c "$1" | /bin/busybox tar -xof - && : > ${placedFile}
`;
const waitScript = `
trap 'exit 1' TERM
until [ -e ${placedFile} ]; do /bin/busybox usleep 50000; done
`;

/** Each folder that a step's inputs go to is a volume: a pod's containers share nothing else. */
export function inputVolumes(step: StepSpec): V1Volume[] {
  return foldersOf(step).map((_, index) => ({ name: `inputs-${index}`, emptyDir: {} }));
}

export function inputMounts(step: StepSpec): V1VolumeMount[] {
  return foldersOf(step).map((mountPath, index) => ({ name: `inputs-${index}`, mountPath }));
}

/** None for a step without inputs. */
export function inputContainers(
  { helperImage }: KubernetesSettings,
  step: StepSpec,
  securityContext: V1SecurityContext,
): V1Container[] {
  const folders = foldersOf(step);
  if (folders.length === 0) return [];
  return [
    {
      name: inputsContainer,
      image: helperImage,
      imagePullPolicy: 'IfNotPresent',
      command: ['/bin/busybox', 'sh', '-c', waitScript].map(literal),
      resources: helperResources(companionNeeds),
      securityContext,
      volumeMounts: [
        { name: 'run', mountPath: gantryFolder },
        ...folders.map((_, index) => ({ name: `inputs-${index}`, mountPath: `${root}/${index}` })),
      ],
    },
  ];
}

/** How the inputs are unpacked in their container: it is told how many bytes of `archiveOf` will come. */
export function placeCommand(step: StepSpec): string[] {
  return ['/bin/busybox', 'sh', '-c', placeScript, 'gantry', String(tarBytes(namedInputs(step)))];
}

/** The archive of the inputs. Reading it rejects with `backend_failed` when one is not what it was when it was stored. */
export function archiveOf(
  step: StepSpec,
  openInput: NonNullable<StepWatch['openInput']>,
): AsyncIterable<Uint8Array> {
  return tarOf(
    namedInputs(step).map(({ name, bytes, input }) => ({
      name,
      bytes,
      open: async () => verifiedInput(await openInput(input), input),
    })),
  );
}

/** A file belongs to the innermost of the folders that it is below. */
function namedInputs(step: StepSpec): { name: string; bytes: number; input: StepInput }[] {
  const folders = foldersOf(step).map((folder, index) => ({ folder, index }));
  folders.sort((a, b) => b.folder.length - a.folder.length);
  return (step.inputs ?? []).flatMap((input) => {
    const own = folders.find(({ folder }) => input.target.startsWith(`${folder}/`));
    const name = `${own?.index}${input.target.slice(own?.folder.length)}`;
    return own ? [{ name, bytes: input.bytes, input }] : [];
  });
}

function foldersOf({ node }: StepSpec): string[] {
  return [...new Set((node.inputs ?? []).map(({ to }) => to))];
}
