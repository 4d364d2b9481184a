import { Alert, Anchor, Button, Divider, PasswordInput, PinInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { problemOf, type Problem } from '@/shared/api/problem';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch } from '@/shared/store';
import { signIn } from '../store';
import { Enrolment } from './Enrolment';
import { NewPassword } from './NewPassword';
import { Providers } from './Providers';

/** What the service asks for next, by the slug of its refusal. */
const NEXT: Record<string, 'password' | 'code' | 'joining'> = {
  password_change_required: 'password',
  second_factor_required: 'code',
  second_factor_invalid: 'code',
  joining_code_required: 'joining',
  joining_code_invalid: 'joining',
};
const EXPECTED = new Set(['password_change_required', 'second_factor_required', 'joining_code_required']);

interface Fields {
  email: string;
  password: string;
  new_password: string;
  joining_code: string;
  code: string;
}

const filled = (fields: Fields, steps: Steps, school_id: string | null) => ({
  email: fields.email.trim(),
  password: fields.password,
  ...(steps.password && { new_password: fields.new_password }),
  ...(steps.code && { code: fields.code.replace(/\s/g, '') }),
  ...(steps.joining && { joining_code: fields.joining_code.trim() }),
  ...(school_id && { school_id }),
});

type Steps = Partial<Record<'password' | 'code' | 'joining', boolean>>;

export function SignIn() {
  const { t } = useTranslation('session');
  useDocumentTitle(`${t('signIn.title')} · Homeroom`);
  const [query] = useSearchParams();
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const [steps, setSteps] = useState<Steps>({});
  const form = useForm<Fields>({
    initialValues: { email: query.get('email') ?? '', password: '', new_password: '', joining_code: '', code: '' },
    validate: { email: (value) => (value.includes('@') ? null : t('emailWanted')) },
  });
  useFieldErrors(form, problem);
  const enrolment = problem?.code === 'second_factor_enrolment_required' && problem.extra.enrolment_token;
  if (typeof enrolment === 'string') return <Enrolment token={enrolment} />;

  async function enter(fields: Fields) {
    try {
      await dispatch(signIn(filled(fields, steps, query.get('school')))).unwrap();
    } catch (error) {
      const next = NEXT[problemOf(error).code];
      if (next) setSteps((known) => ({ ...known, [next]: true }));
      throw error;
    }
  }

  return (
    <form onSubmit={form.onSubmit((fields) => void run(() => enter(fields)))} noValidate>
      <Stack>
        <Title order={1}>{t('signIn.title')}</Title>
        <Notice lost={query.has('lost')} error={query.get('error')} done={query.get('done')} />
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          required
          size="md"
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('password')}
          autoComplete="current-password"
          required
          size="md"
          {...form.getInputProps('password')}
        />
        {steps.password && (
          <NewPassword
            label={t('newPassword')}
            why={t('signIn.newPasswordWhy')}
            autoFocus
            {...form.getInputProps('new_password')}
          />
        )}
        {steps.joining && (
          <TextInput
            label={t('joiningCode')}
            description={t('signIn.joiningCodeWhy')}
            required
            autoFocus
            size="md"
            {...form.getInputProps('joining_code')}
          />
        )}
        {steps.code && <CodeField form={form} />}
        <Failure problem={problem && shown(problem) ? problem : null} />
        <Button type="submit" size="md" loading={busy}>
          {t('signIn.action')}
        </Button>
        <Anchor component={Link} to="/password-reset" size="sm">
          {t('signIn.forgotten')}
        </Anchor>
        <Providers />
        <Divider />
        <Text size="sm" c="dimmed">
          {t('signIn.noSchool')}{' '}
          <Anchor component={Link} to="/register" size="sm">
            {t('signIn.register')}
          </Anchor>
        </Text>
      </Stack>
    </form>
  );
}

const shown = (problem: Problem) =>
  !EXPECTED.has(problem.code) && !toldByFields(problem, ['email', 'password', 'new_password', 'code']);

function CodeField({ form }: { form: ReturnType<typeof useForm<Fields>> }) {
  const { t } = useTranslation('session');
  const [recovery, setRecovery] = useState(false);
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} id="code-label">
        {t(recovery ? 'recoveryCode' : 'code')}
      </Text>
      {recovery ? (
        <TextInput aria-labelledby="code-label" size="md" autoFocus {...form.getInputProps('code')} />
      ) : (
        <PinInput
          length={6}
          type="number"
          oneTimeCode
          autoFocus
          size="md"
          aria-label={t('code')}
          value={form.values.code}
          onChange={(code) => form.setFieldValue('code', code)}
        />
      )}
      <Anchor component="button" type="button" size="sm" onClick={() => setRecovery(!recovery)}>
        {t(recovery ? 'useCode' : 'useRecoveryCode')}
      </Anchor>
    </Stack>
  );
}

function Notice({ lost, error, done }: { lost: boolean; error: string | null; done: string | null }) {
  const { t } = useTranslation('session');
  const text = error
    ? t(`signIn.error.${error}`, t('signIn.error.other'))
    : done
      ? t(`signIn.done.${done}`)
      : lost
        ? t('signIn.lost')
        : null;
  if (!text) return null;
  return (
    <Alert color={error ? 'red' : 'leaf'} variant="light" icon={<IconInfoCircle aria-hidden />} role="status">
      {text}
    </Alert>
  );
}
