import { Avatar } from '@mantine/core';
import { initials } from '../format';
import { CLASSROOM_COLOURS } from '../theme';

/** A person's initials on the colour that their name picks; the name itself stands beside it. */
export function Initials({ name, size = 32 }: { name: string; size?: number }) {
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0)!, 0);
  return (
    <Avatar
      radius="xl"
      size={size}
      variant="filled"
      color={CLASSROOM_COLOURS[sum % CLASSROOM_COLOURS.length]}
      aria-hidden
    >
      {initials(name)}
    </Avatar>
  );
}
