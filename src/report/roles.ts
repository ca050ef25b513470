import type { Behaviour, Details, Example, Prediction, Results, Role, Side } from '../run/record.ts';
import { html, type Markup, trusted } from './html.ts';

/** How one of the three models looks everywhere in the page: its name, its colour and, for those who do not see it, its shape. */
export interface RoleStyle {
  readonly role: Role;
  readonly label: string;
  readonly hint: string;
  readonly colour: string;
  readonly symbol: 'circle' | 'square' | 'diamond';
  readonly side: (results: Results) => Side | null;
  readonly behaviour: (details: Details) => Behaviour | null;
  readonly prediction: (example: Example) => Prediction | null;
}

const outlines = {
  circle: 'M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0z',
  square: 'M-4.5,-4.5h9v9h-9z',
  diamond: 'M0,-6L6,0L0,6L-6,0z',
} as const;

export const teacher: RoleStyle = {
  role: 'teacher',
  label: 'Teacher',
  hint: 'the model to learn from',
  colour: 'var(--teacher)',
  symbol: 'diamond',
  side: (results) => results.teacher,
  behaviour: (details) => details.teacher,
  prediction: (example) => example.teacher,
};

export const scratch: RoleStyle = {
  role: 'scratch',
  label: 'Scratch',
  hint: 'the student without the teacher',
  colour: 'var(--scratch)',
  symbol: 'square',
  side: (results) => results.scratch,
  behaviour: (details) => details.scratch,
  prediction: (example) => example.scratch,
};

export const distilled: RoleStyle = {
  role: 'distilled',
  label: 'Distilled',
  hint: 'the student with the teacher',
  colour: 'var(--distilled)',
  symbol: 'circle',
  side: (results) => results.distilled,
  behaviour: (details) => details.distilled,
  prediction: (example) => example.distilled,
};

const byName: Readonly<Record<Role, RoleStyle>> = { teacher, scratch, distilled };

/** In the order in which the page names them. */
export const roles: readonly RoleStyle[] = [teacher, scratch, distilled];

/** The style of a role by its name. */
export function roleOf(name: Role): RoleStyle {
  return byName[name];
}

/** The roles that this run has. */
export function rolesIn(results: Results): readonly RoleStyle[] {
  return roles.filter((role) => role.side(results) !== null);
}

/** The shape of a role in its colour, for use within text. */
export function roleMark(role: RoleStyle): Markup {
  return trusted(
    `<svg class="mark" viewBox="-6.5 -6.5 13 13" aria-hidden="true"><path fill="${role.colour}" d="${outlines[role.symbol]}"/></svg>`,
  );
}

/** Shape and name. */
export function roleTag(role: RoleStyle): Markup {
  return html`<span class="role">${roleMark(role)}${role.label}</span>`;
}
