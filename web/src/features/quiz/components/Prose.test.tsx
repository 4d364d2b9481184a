import { render, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Prose } from './Prose';

describe('the text of a question', () => {
  it('shows LaTeX between dollars', async () => {
    const { container } = render(<Prose text="What is $x^2$?" />);
    await waitFor(() => expect(container.querySelector('.katex')).not.toBeNull(), { timeout: 10_000 });
  });

  it('shows HTML as text and no picture of elsewhere', async () => {
    const { container } = render(<Prose text={'**a** <b onclick="x()">tag</b> ![p](https://x.test/p.png)'} />);
    await waitFor(() => expect(container.querySelector('strong')).not.toBeNull(), { timeout: 10_000 });
    expect(container).toHaveTextContent('<b onclick="x()">tag</b>');
    expect(container.querySelector('b, img')).toBeNull();
  });

  it('shows what is plain at once', () => {
    render(<Prose text="Paris" />);
    expect(screen.getByText('Paris')).toBeInTheDocument();
  });
});
