/** Holds what this process knows of the workers that share its port. */

/** All workers of an application, as their supervisor sees them. */
export interface WorkersState {
  /** How many there are to be. */
  readonly wanted: number;
  /** How many take requests. One that is being replaced is none of them. */
  readonly ready: number;
  /** How many have ended without being asked, and were replaced. */
  readonly restarts: number;
}

let state: WorkersState | undefined;
let isReplaced = false;

/** What the supervisor last said; `undefined` in a process that is no worker. */
export function workersState(): WorkersState | undefined {
  return state;
}

/** Whether another worker has taken the place of this one, which drains: from outside, nothing goes away. */
export function isBeingReplaced(): boolean {
  return isReplaced;
}

export function noteWorkersState(told: WorkersState): void {
  state = told;
}

export function noteReplaced(): void {
  isReplaced = true;
}
