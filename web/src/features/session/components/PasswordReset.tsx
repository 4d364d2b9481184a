import { Alert, Anchor, Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { IconMailCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate } from 'react-router';
import { auth } from '@/shared/api/client';
import { Failure } from '@/shared/components/Failure';
import { toldByFields, useFieldErrors } from '@/shared/components/form';
import { useAction } from '@/shared/hooks/useAction';
import { NewPassword } from './NewPassword';

/** Without a token: ask for the letter. With the letter's token (behind #): choose a new password. */
export function PasswordReset() {
  const { t } = useTranslation('session');
  useDocumentTitle(`${t('reset.title')} · Homeroom`);
  const token = useLocation().hash.slice(1);
  return (
    <Stack>
      <Title order={1}>{t('reset.title')}</Title>
      {token ? <Choose token={token} /> : <Ask />}
      <Anchor component={Link} to="/sign-in" size="sm">
        {t('toSignIn')}
      </Anchor>
    </Stack>
  );
}

function Ask() {
  const { t } = useTranslation('session');
  const { run, busy, problem } = useAction({ quiet: true });
  const [sent, setSent] = useState(false);
  const form = useForm({ initialValues: { email: '' } });
  useFieldErrors(form, problem);
  if (sent) {
    return (
      <Alert icon={<IconMailCheck aria-hidden />} role="status">
        {t('reset.sent', { email: form.values.email })}
      </Alert>
    );
  }
  const submit = form.onSubmit(async (body) => setSent(await run(() => auth.POST('/password-resets', { body }))));
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text c="dimmed">{t('reset.ask')}</Text>
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          required
          size="md"
          {...form.getInputProps('email')}
        />
        {!toldByFields(problem, ['email']) && <Failure problem={problem} />}
        <Button type="submit" size="md" loading={busy}>
          {t('reset.send')}
        </Button>
      </Stack>
    </form>
  );
}

function Choose({ token }: { token: string }) {
  const { t } = useTranslation('session');
  const go = useNavigate();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({ initialValues: { password: '' } });
  useFieldErrors(form, problem);
  const submit = form.onSubmit(async (body) => {
    const done = await run(() => auth.POST('/password-resets/{token}', { params: { path: { token } }, body }));
    if (done) await go('/sign-in?done=reset');
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        <NewPassword label={t('newPassword')} {...form.getInputProps('password')} />
        {!toldByFields(problem, ['password']) && <Failure problem={problem} />}
        <Button type="submit" size="md" loading={busy}>
          {t('reset.action')}
        </Button>
      </Stack>
    </form>
  );
}
