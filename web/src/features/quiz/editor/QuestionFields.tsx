import { Alert, Group, NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { EssayFields, NumericFields, ShortTextFields, TrueFalseFields } from './AnswerFields';
import { ChoiceFields } from './ChoiceFields';
import type { Errors, Question } from './draft';
import { MatchingFields, OrderingFields } from './OptionFields';
import { PictureField } from './PictureField';

interface Props {
  question: Question;
  onChange: (question: Question) => void;
  errors: Errors;
  pointsFixed: boolean;
}

/** Everything that a question says, with what the service found wrong beside it. */
export function QuestionFields({ question, onChange, errors, pointsFixed }: Props) {
  const { t } = useTranslation('quiz');
  const set = (change: Partial<Question>) => onChange({ ...question, ...change } as Question);
  const whole = errors[''] ?? errors['choices'] ?? errors['accepted'] ?? errors['pairs'] ?? errors['items'];
  return (
    <>
      {whole && (
        <Alert color="red" role="alert">
          {whole}
        </Alert>
      )}
      <Group align="flex-start" wrap="nowrap">
        <TextInput
          flex={1}
          required
          maxLength={200}
          label={t('editor.title')}
          value={question.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
          error={errors['title']}
        />
        <NumberInput
          w={110}
          min={0}
          decimalScale={2}
          disabled={pointsFixed}
          label={t('editor.points')}
          value={question.points ?? '1'}
          onChange={(points) => set({ points: String(points) })}
          error={errors['points']}
        />
      </Group>
      <Textarea
        label={t('editor.text')}
        description={t('editor.textHint')}
        autosize
        minRows={3}
        value={question.text ?? ''}
        onChange={(event) => set({ text: event.currentTarget.value })}
        error={errors['text']}
      />
      <PictureField
        fileIds={question.file_ids ?? []}
        onChange={(file_ids) => set({ file_ids })}
        error={errors['file_ids']}
      />
      <KindFields question={question} onChange={onChange} errors={errors} />
      <Textarea
        label={t('editor.explanation')}
        description={t('editor.explanationHint')}
        autosize
        minRows={1}
        value={question.explanation ?? ''}
        onChange={(event) => set({ explanation: event.currentTarget.value })}
        error={errors['explanation']}
      />
      <Switch
        label={t('editor.void')}
        description={t('editor.voidHint')}
        checked={question.void ?? false}
        onChange={(event) => set({ void: event.currentTarget.checked })}
      />
    </>
  );
}

function KindFields({ question, onChange, errors }: Omit<Props, 'pointsFixed'>) {
  const shared = { onChange, errors };
  switch (question.kind) {
    case 'single_choice':
    case 'multiple_choice':
      return <ChoiceFields question={question} {...shared} />;
    case 'true_false':
      return <TrueFalseFields question={question} {...shared} />;
    case 'numeric':
      return <NumericFields question={question} {...shared} />;
    case 'short_text':
      return <ShortTextFields question={question} {...shared} />;
    case 'matching':
      return <MatchingFields question={question} {...shared} />;
    case 'ordering':
      return <OrderingFields question={question} {...shared} />;
    case 'essay':
      return <EssayFields question={question} {...shared} />;
  }
}
