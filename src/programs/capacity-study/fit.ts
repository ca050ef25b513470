import { random } from '../../data/random.ts';

/** One size of student: κ is its share of the teacher's parameters (or MACs), the gap is how much worse it is, by seed. */
export interface Gaps {
  readonly kappa: number;
  readonly gaps: readonly number[];
}

/** ΔL = c · κ^(−β), fitted by least squares of log ΔL over log κ, to the mean gap of each size. */
export interface PowerLaw {
  readonly beta: number;
  readonly c: number;
  /** Of the logarithms that were fitted. */
  readonly r2Log: number;
  /** Of the gaps themselves, over all sizes; below 0 where their mean alone would be nearer. */
  readonly r2: number;
  readonly sizes: number;
  /** Sizes whose mean gap is not above 0: they are as good as the teacher, and have no logarithm. */
  readonly leftOut: number;
}

/** ΔL = offset + c · κ^(−β), fitted by least squares of the gaps themselves: nothing has to be left out. */
export interface OffsetLaw {
  readonly beta: number;
  readonly c: number;
  /** The gap that stays however large the student is; below 0 where students pass the teacher. */
  readonly offset: number;
  readonly r2: number;
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Sum of squared residuals, and of squared distances to the mean. */
  readonly residual: number;
  readonly total: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length;

/** Least squares of y over x; null where x does not vary. */
function line(x: readonly number[], y: readonly number[]): Line | null {
  const [mx, my] = [meanOf(x), meanOf(y)];
  let [xx, xy, total] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += (x[i]! - mx) ** 2;
    xy += (x[i]! - mx) * (y[i]! - my);
    total += (y[i]! - my) ** 2;
  }
  if (!(xx > 1e-18)) return null;
  const slope = xy / xx;
  return { slope, intercept: my - slope * mx, residual: Math.max(0, total - slope * xy), total };
}

/** 1 − residual / total; a constant that is met exactly is explained. */
const r2Of = (residual: number, total: number): number => (total > 0 ? 1 - residual / total : residual > 0 ? 0 : 1);

/** The exponent and factor alone; null where fewer than two κ have a gap above 0. */
function exponent(points: readonly { readonly kappa: number; readonly gap: number }[]) {
  const above = points.filter(({ gap }) => gap > 0);
  if (above.length < 2) return null;
  const fitted = line(
    above.map((p) => Math.log(p.kappa)),
    above.map((p) => Math.log(p.gap)),
  );
  return fitted && { beta: -fitted.slope, c: Math.exp(fitted.intercept), fitted, used: above.length };
}

const means = (sizes: readonly Gaps[]) => sizes.map(({ kappa, gaps }) => ({ kappa, gap: meanOf(gaps) }));

/** Fits a power law; null where fewer than three sizes have a mean gap above 0, through which any two numbers would do. */
export function fitPowerLaw(sizes: readonly Gaps[]): PowerLaw | null {
  const points = means(sizes);
  const found = exponent(points);
  if (!found || found.used < 3) return null;
  const { beta, c, fitted, used } = found;
  const middle = meanOf(points.map((p) => p.gap));
  return {
    beta,
    c,
    r2Log: r2Of(fitted.residual, fitted.total),
    r2: r2Of(
      points.reduce((s, p) => s + (p.gap - c * p.kappa ** -beta) ** 2, 0),
      points.reduce((s, p) => s + (p.gap - middle) ** 2, 0),
    ),
    sizes: used,
    leftOut: points.length - used,
  };
}

/** Exponents that are tried; beyond them a power law is a step or a straight line in log κ. */
const exponents: readonly number[] = Array.from({ length: 120 }, (_, i) => 0.02 * (4 / 0.02) ** (i / 119));

/**
 * Fits a power law with an offset: for each exponent the other two are a line, and the exponent is searched (variable projection,
 * Golub and Pereyra 1973, doi 10.1137/0710036), between 0.02 and 4. Null below four
 * sizes, where gaps do not shrink with size, and where the exponent would be one of these ends.
 */
export function fitWithOffset(sizes: readonly Gaps[]): OffsetLaw | null {
  const points = means(sizes);
  if (points.length < 4) return null;
  const gaps = points.map((p) => p.gap);
  const at = (beta: number): Line =>
    line(
      points.map((p) => p.kappa ** -beta),
      gaps,
    ) ?? { slope: 0, intercept: 0, residual: Number.POSITIVE_INFINITY, total: 0 };
  const best = exponents.reduce((i, beta, j) => (at(beta).residual < at(exponents[i]!).residual ? j : i), 0);
  // At an end of what is tried the gaps are as good as a line in log κ, or a step: no offset can be told from them.
  if (best === 0 || best === exponents.length - 1) return null;
  let [low, high] = [exponents[best - 1]!, exponents[best + 1]!];
  for (let i = 0; i < 60; i++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (at(a).residual <= at(b).residual) high = b;
    else low = a;
  }
  const beta = (low + high) / 2;
  const { slope, intercept, residual, total } = at(beta);
  return slope > 0 ? { beta, c: slope, offset: intercept, r2: r2Of(residual, total) } : null;
}

export interface BootstrapOptions {
  readonly draws: number;
  /** Share of draws inside of the interval, such as 0.95. */
  readonly level: number;
  readonly seed: number;
}

/**
 * Percentile interval of β (Efron 1979, doi 10.1214/aos/1176344552): sizes are drawn with replacement, and seeds within each. Null
 * where fewer than half of the draws can be fitted.
 */
export function bootstrapBeta(sizes: readonly Gaps[], { draws, level, seed }: BootstrapOptions): Interval | null {
  const found: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const r = random(seed, 'capacity-study/bootstrap', draw);
    const points = sizes.map(() => {
      const { kappa, gaps } = sizes[r.integer(sizes.length)]!;
      return { kappa, gap: meanOf(gaps.map(() => gaps[r.integer(gaps.length)]!)) };
    });
    const fitted = exponent(points);
    if (fitted) found.push(fitted.beta);
  }
  if (found.length < draws / 2) return null;
  found.sort((a, b) => a - b);
  const place = (q: number): number => {
    const at = q * (found.length - 1);
    const low = Math.floor(at);
    return found[low]! + (at - low) * (found[Math.min(low + 1, found.length - 1)]! - found[low]!);
  };
  return { from: place((1 - level) / 2), to: place((1 + level) / 2) };
}
