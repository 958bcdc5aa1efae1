/** By this `User-Agent` the gate knows the program's own probes, which look at the headers of an answer and at nothing else. */
export const probeAgent = 'kosuke-preview-probe';
