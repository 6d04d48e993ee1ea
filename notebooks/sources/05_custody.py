# %% [markdown]
# # Lesson 5: cheat the ledger
#
# **Goal.** You name five ways to falsify a record of custody, and for each what finds it.
#
# You need half an hour and no network. First choose *Edit*, *Clear Outputs of All Cells*, so that you see no result
# before your own answer. Then run each cell with Shift + Enter, in order.
#
# A result is worth as much as the chain behind it: who held the exhibit at every
# moment, and whether the record was rewritten since. The record here is a **ledger**: one file of events, each signed
# by who acts and chained to the one before. In this lesson you are the cheat. Only copies are forged; people, places
# and times are invented.

# %%
import forensics
from forensics import custody, training

training.begin("en")
case = training.open_case()  # some seconds
content = case.report.content

# %%
print(case.story)

# %% [markdown]
# ## 1. Who had it?
#
# The scales came in a sealed bag. Read the story above: each sentence is an event, signed by the person who is named.
#
# **Question 5.1.** Who held the bag in the night from 4 to 5 March?

# %%
answer = None  # a name, as it is written in the table
training.check("5.1", answer, about=content)

# %%
print(custody.verify(case.ledger).ok)

# %% [markdown]
# `True`: every event was replayed by the rules, and every signature and every link was checked.
#
# ## 2. An honest person in a hurry
#
# Of the sample S1 there are 0.08 g left. The analyst writes in a hurry that 5 g were used up.
#
# **Question 5.2.** What does the ledger do?
#
# - **a** It records it; a ledger keeps what people say.
# - **b** It refuses it, and says why.
# - **c** It records 0.08 g in the place of 5 g.

# %%
answer = None  # "a", "b" or "c"
training.check("5.2", answer)

# %%
with custody.open_ledger(case.ledger, key=case.key(content.findings[0].analyst)) as ledger:
    try:
        ledger.consume(case=content.case.id, thing="S1", quantity="5", unit="g", used_for="PCR")
    except forensics.ForensicsError as refused:
        print(refused)

# %% [markdown]
# Rules stop honest people. They do not stop somebody who opens the file with another program. And they cannot know that
# 0.04 g were written down and 0.06 g were taken.
#
# ## 3. First forgery: a number
#
# Most of the scales are to disappear. You open a copy of the file with a database program, take off what protects it,
# write 1 g as the weight that was received, and put the protection back so that nobody sees.
#
# **Question 5.3.** Is it found, and by what?
#
# - **a** No: the protection is back in its place.
# - **b** Yes: by the signature of who received the bag, for it covers the weight.
# - **c** Yes: by the day on which the file was last changed.

# %%
answer = None  # "a", "b" or "c"
training.check("5.3", answer)

# %%
print(*custody.verify(case.forge("weight")).problems, sep="\n")

# %% [markdown]
# ## 4. Second forgery: a signature
#
# You do not have the key of the person who received the bag. So you put a signature of your own making under the event.
#
# **Question 5.4.** At which event does the verification find the first fault? Write its number.

# %%
answer = None  # a number
training.check("5.4", answer, about=custody.verify(case.forge("signature")))

# %% tags=["varies"]
print(*custody.verify(case.forge("signature")).problems, sep="\n")

# %% [markdown]
# Why is the event after it wrong, too? It names the hash of the one before. To change one link you have
# to make every later link again, and those that others signed you cannot make. You could drop them: the next forgery.
#
# ## 5. Third forgery: the end disappears
#
# Nothing is changed. The last six events, with the finding that you do not like, never happened.
#
# **Question 5.5.** How many faults does the verification find?

# %%
answer = None  # a number
shortened = custody.verify(case.forge("end"))
training.check("5.5", answer)

# %%
print(shortened.ok, *shortened.problems, sep="\n")

# %% [markdown]
# A ledger that was closed six events earlier looks exactly like this one.
#
# **Question 5.6.** What would you need in order to find it?
#
# - **a** A longer key.
# - **b** Number of events and fingerprint of the ledger as it was later, kept by somebody else.
# - **c** A backup in the same laboratory.

# %%
answer = None  # "a", "b" or "c"
training.check("5.6", answer)

# %% [markdown]
# That is a **head**: the number of events and a fingerprint, signed. It leaves the house: on the label of the bag, in a
# letter, with a court that signs it as well.

# %% tags=["varies"]
with custody.open_ledger(case.ledger, key=case.key(content.authorisation.person)) as ledger:
    head = ledger.sign_head()
print(head.head.fingerprint)
print(*custody.verify(case.forge("end"), [head]).problems, sep="\n")

# %% [markdown]
# ## 6. Fourth forgery: all together
#
# Everybody in the laboratory agrees. They throw the ledger away and write
# the story once more, as they like it; all sign with their own keys, by a clock that is set back.
#
# **Question 5.7.** What does the verification of the new ledger find?
#
# - **a** Faults in every event.
# - **b** Nothing alone; with a head that left the house before, that it is another ledger.
# - **c** Nothing, whatever anybody keeps.

# %%
answer = None  # "a", "b" or "c"
training.check("5.7", answer)

# %% [markdown]
# ## The picture to remember

# %%
axes = training.enlarge(case.draw_forgeries(head))

# %% [markdown]
# A row is a ledger: blue events are as they were signed, orange ones are wrong. Two forgeries look sound until somebody outside holds a head. The ledger is *tamper-evident,
# not tamper-proof*.
#
# ## 7. What no ledger knows
#
# **Question 5.8.** Which of these leave a ledger in which nothing is wrong? Choose all.
#
# - **a** The scales were exchanged before they were received.
# - **b** Another sample was put into the tube that is labelled S1.
# - **c** The weight was changed in the file.
# - **d** Somebody left the key open, and a colleague signed with it.

# %%
answer = None  # letters, such as "a c"
training.check("5.8", answer)

# %% [markdown]
# Seals, two pairs of eyes, controls in each run and locked keys answer these. The ledger makes people state that they
# did it, and keeps the statement.
#
# ## Take home
#
# 1. A signature covers every field, and each event names the one before: a change inside is found.
# 2. A cut end and a rewritten story are found only with a head that somebody outside holds, so give one away on the
#    day of receipt.
# 3. A ledger keeps what people state; whether it is true is a matter of seals, controls and second pairs of eyes.
#
# ## Your task
#
# In the picture one event was taken out of the middle (`case.forge("middle")`). Before you verify it: which events will
# be wrong, and why nearly all behind the gap? Then verify as the other party does, with `forensics custody disclose`
# and `verify_bundle.py` (`docs/disclosure.md`). The rules are in `docs/custody-rules.md`.
