import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePasswordRuleQuery } from '../api';

interface Props extends PasswordInputProps {
  /** What stands before the rule: why a password is asked for. */
  why?: string;
}

/** The field of a new password, with the rule that the server judges it by. */
export function NewPassword({ why, ...rest }: Props) {
  const { t } = useTranslation('session');
  const { data } = usePasswordRuleQuery();
  const rule = data ? t('passwordRule', { count: data.min_length }) : t('passwordAdvice');
  return (
    <PasswordInput
      description={[why, rule].filter(Boolean).join(' ')}
      autoComplete="new-password"
      required
      size="md"
      {...rest}
    />
  );
}
