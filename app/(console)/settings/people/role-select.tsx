import { fieldClass } from '@/app/_components/field';
import type { UserSummary } from '@/lib/model/user';

const roles = ['viewer', 'member', 'admin'] as const;

/** Chooses what a person may do. */
export function RoleSelect({
  value,
  label,
  onChange,
}: {
  value: UserSummary['role'];
  /** Where no field names it. */
  label?: string;
  onChange: (role: UserSummary['role']) => void;
}) {
  return (
    <select
      className={fieldClass}
      value={value}
      aria-label={label}
      onChange={(event) => onChange(roles.find((role) => role === event.target.value) ?? value)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {role}
        </option>
      ))}
    </select>
  );
}
