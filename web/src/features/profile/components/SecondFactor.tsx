import { Badge, Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FactorSetUp, RecoveryCodes } from '@/features/session/components/FactorSetUp';
import type { AuthSchemas } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import {
  factorChanged,
  useConfirmFactorMutation,
  useFactorQuery,
  useRemoveFactorMutation,
  useStartFactorMutation,
} from '../api';

/** A code from an app beside the password: set up with the password, taken away with both. */
export function SecondFactor() {
  const { t } = useTranslation('profile');
  const query = useFactorQuery();
  return (
    <Card>
      <Resource query={query}>
        {({ enabled, recovery_codes_left }) => (
          <Stack>
            <Group justify="space-between">
              <Title order={2}>{t('factor')}</Title>
              <Badge variant="light" color={enabled ? 'leaf' : 'gray'}>
                {t(enabled ? 'on' : 'off')}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              {enabled ? t('codesLeft', { count: recovery_codes_left }) : t('factorText')}
            </Text>
            {enabled ? <Remove /> : <SetUp />}
          </Stack>
        )}
      </Resource>
    </Card>
  );
}

function SetUp() {
  const { t } = useTranslation('profile');
  const dispatch = useAppDispatch();
  const [start] = useStartFactorMutation();
  const [confirm] = useConfirmFactorMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const [enrolment, setEnrolment] = useState<AuthSchemas['Enrolment'] | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const form = useForm({ initialValues: { password: '' } });
  if (codes.length > 0) return <RecoveryCodes codes={codes} onDone={() => dispatch(factorChanged())} />;
  if (enrolment) {
    const check = (code: string) => void run(async () => setCodes((await confirm(code).unwrap()).recovery_codes));
    return <FactorSetUp enrolment={enrolment} onCode={check} busy={busy} problem={problem} />;
  }
  return (
    <form
      onSubmit={form.onSubmit(({ password }) => void run(async () => setEnrolment(await start(password).unwrap())))}
    >
      <Stack>
        <PasswordInput
          label={t('current')}
          autoComplete="current-password"
          required
          {...form.getInputProps('password')}
        />
        <Failure problem={problem} />
        <Button type="submit" variant="default" loading={busy} w="fit-content">
          {t('setUp')}
        </Button>
      </Stack>
    </form>
  );
}

function Remove() {
  const { t } = useTranslation('profile');
  const [remove] = useRemoveFactorMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { password: '', code: '' } });
  return (
    <form onSubmit={form.onSubmit((body) => void run(() => remove(body).unwrap()))}>
      <Stack>
        <PasswordInput
          label={t('current')}
          autoComplete="current-password"
          required
          {...form.getInputProps('password')}
        />
        <TextInput
          label={t('code', { ns: 'session' })}
          autoComplete="one-time-code"
          required
          {...form.getInputProps('code')}
        />
        <Failure problem={problem} />
        <Button type="submit" color="red" variant="outline" loading={busy} w="fit-content">
          {t('remove')}
        </Button>
      </Stack>
    </form>
  );
}
