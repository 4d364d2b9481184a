import { Button, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Role } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { useAction } from '@/shared/hooks/useAction';
import { useInviteMutation } from '../api';

export function Invite({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('people');
  const [invite] = useInviteMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { email: '', name: '', role: 'teacher' as Role } });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(async (body) => {
    if (await run(() => invite(body).unwrap(), t('invited', { email: body.email }))) onDone();
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('inviteText')}
        </Text>
        <TextInput label={t('email')} type="email" required data-autofocus {...form.getInputProps('email')} />
        <TextInput label={t('name')} required {...form.getInputProps('name')} />
        <SegmentedControl
          aria-label={t('role')}
          data={(['student', 'teacher', 'admin'] as const).map((value) => ({
            value,
            label: t(`role.${value}`, { ns: 'common' }),
          }))}
          {...form.getInputProps('role')}
        />
        {!toldByFields(problem, ['email', 'name']) && <Failure problem={problem} />}
        <Button type="submit" loading={busy}>
          {t('sendInvitation')}
        </Button>
      </Stack>
    </form>
  );
}
