// @ts-check

/**
 * Lets a training that runs by itself go on for some steps at a time.
 * @param {() => number} clock milliseconds
 */
export function takeTurns(clock) {
  let allowed = 0;
  let admitted = 0;
  let done = 0;
  /** @type {(() => void) | undefined} */
  let letIn;
  /** @type {((turn: { steps: number, milliseconds: number }) => void) | undefined} */
  let over;
  let began = 0;
  let doneBefore = 0;
  return {
    /** Waits until it is our turn. @param {number} steps about to be taken */
    async admit(steps) {
      while (admitted >= allowed) {
        await new Promise((resolve) => {
          letIn = () => resolve(undefined);
        });
      }
      admitted += steps;
    },
    /** To be called when steps are over. @param {number} steps */
    finish(steps) {
      done += steps;
      if (done === admitted && admitted >= allowed) over?.({ steps: done - doneBefore, milliseconds: clock() - began });
    },
    /**
     * At least so many steps, from standing still to standing still.
     * @param {number} steps
     * @returns {Promise<{ steps: number, milliseconds: number }>}
     */
    turn(steps) {
      allowed = admitted + steps;
      doneBefore = done;
      began = clock();
      return new Promise((resolve) => {
        over = resolve;
        letIn?.();
      });
    },
  };
}
