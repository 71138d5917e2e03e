import { useRef, useState } from 'react';

interface ActionOptions<Data, Input> {
  mutationFn: (input: Input) => Promise<Data>;
  /** Waited for, so that what is shown afterwards is new. */
  onSuccess?: (data: Data) => unknown;
}

interface ActionState<Data> {
  isPending: boolean;
  isSuccess: boolean;
  error: Error | null;
  data: Data | undefined;
}

const atRest = { isPending: false, isSuccess: false, error: null, data: undefined };

/**
 * Does something on the server and says how it goes, as `useMutation` of TanStack Query, whose 2 kB are too much for a
 * page that needs no more than this when it is opened. The latest call counts.
 */
export function useAction<Data, Input = void>({ mutationFn, onSuccess }: ActionOptions<Data, Input>) {
  const [state, setState] = useState<ActionState<Data>>(atRest);
  const latest = useRef(0);
  const run = async (input: Input) => {
    const call = ++latest.current;
    const set = (next: Partial<ActionState<Data>>) => {
      if (call === latest.current) setState({ ...atRest, ...next });
    };
    set({ isPending: true });
    try {
      const data = await mutationFn(input);
      await onSuccess?.(data);
      set({ isSuccess: true, data });
    } catch (error) {
      set({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  };
  const reset = () => {
    latest.current += 1;
    setState(atRest);
  };
  return { ...state, isError: state.error !== null, mutate: (input: Input) => void run(input), reset };
}
