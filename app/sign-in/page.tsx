import type { Metadata } from 'next';
import { Logo } from '@/app/_components/logo';
import { SignIn } from './sign-in';

export const metadata: Metadata = { title: 'Sign in' };

export default function SignInPage() {
  return (
    <main className="flex min-h-dvh items-start justify-center px-4 pt-[16vh]">
      <div className="panel w-full max-w-100 p-6">
        <div className="mb-4 flex items-center gap-3">
          <Logo size={24} />
          <h1 className="page-title">Gantry</h1>
        </div>
        <SignIn />
      </div>
    </main>
  );
}
