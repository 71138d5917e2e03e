/** Proof that the caller still owns the execution. A write with an old one rejects with AppError `fenced`. */
export interface Fence {
  owner: string;
  epoch: number;
}
