# %% [markdown]
# # Lesson 7: the witness stand
#
# **Goal.** You answer counsel from the report alone: what was stated, what was not, and which assumption would change
# it.
#
# You need half an hour and no network. First choose *Edit*, *Clear Outputs of All Cells*, so that you see no result
# before your own answer. Then run each cell with Shift + Enter, in order.
#
# You are the expert who signed the opinion in the report of lesson 6. Prosecution
# and defence ask. Some answers you choose, others you write; what you write goes through the gate of the report, which
# names an overclaim. In court nobody does that for you.

# %%
from forensics import training

training.begin("en")
case = training.open_case()  # some seconds
finding = case.report.content.findings[0]

# %% [markdown]
# Have the report before you; you may look at it whenever you are asked. You may do that in court, too.

# %% tags=["varies"]
case

# %% [markdown]
# ## 1. The prosecutor
#
# **Question 7.1.** "Doctor, so you are sure that this is Temminck's pangolin?"
#
# - **a** "Yes. The computer gave more than 99 %."
# - **b** "I am sure of nothing; science never is."
# - **c** "I report the genus Manis. Temminck's pangolin is not excluded, and neither are pangolins that our library
#   lacks."

# %%
answer = None  # "a", "b" or "c"
training.check("7.1", answer)

# %% [markdown]
# **Question 7.2.** "Why the genus and not the species?"
#
# - **a** "The sequence was too short."
# - **b** "The species would rest on the assumption that our library has it. Under a prior of 0.1 the call is the genus,
#   and nobody has shown that another prior is right."
# - **c** "The reviewer did not want the species."

# %%
answer = None  # "a", "b" or "c"
training.check("7.2", answer)

# %% [markdown]
# **Question 7.3.** "How strong is your evidence? Tell the court in one sentence." Write it, with the number that the
# report has.

# %%
answer = None  # your text, in quotation marks
training.check("7.3", answer, about=case)

# %% [markdown]
# **Question 7.4.** "So the accused poached this animal?" Write your answer.

# %%
answer = None  # your text, in quotation marks
training.check("7.4", answer, about=case)

# %% [markdown]
# ## The picture to remember

# %%
axes = training.enlarge(training.draw_steps())

# %% [markdown]
# Read it from below. Each step needs evidence that the one below does not have:
# who had the scales, who knew what they are, what the law says. The expert stays on the blue steps and says so. From
# the sequence to the scale it is a step already: it rests on the controls and on the chain of custody.
#
# ## 2. The defence
#
# **Question 7.5.** "Who held the bag on the second day after it was received?" Look at *Chain of custody*: it was
# received on 3 March. Who had it when 4 March ended?

# %%
answer = None  # a name, as it is written in the report
training.check("7.5", answer, about=finding)

# %% [markdown]
# **Question 7.6.** "Your own reviewer wrote *Manis temminckii*. So one of you is wrong?"
#
# - **a** "The reviewer made a mistake."
# - **b** "The reviewer interpreted the raw data alone, without the library's gaps, and agrees with the genus in a comment
#   that stands in the report."
# - **c** "The reviewer is right, and it is Temminck's pangolin after all."

# %%
answer = None  # "a", "b" or "c"
training.check("7.6", answer)

# %% [markdown]
# **Question 7.7.** "What would change your result?" Choose all that would.
#
# - **a** A library with all pangolins.
# - **b** A blank control in which DNA was found.
# - **c** That the accused confesses.
# - **d** That the sample S1 was taken from another bag.
# - **e** A second scale with another sequence, for what I say of the bag.

# %%
answer = None  # letters, such as "a c"
training.check("7.7", answer)

# %% [markdown]
# **Question 7.8.** Last question of the defence: "One call of 277 was wrong in your validation. So with a probability
# of 276 in 277 you are right here?"
#
# - **a** "Yes, that is what the validation shows."
# - **b** "No. That is how often such calls were wrong for samples of known species. It says how well the method does; it
#   is not the probability that this scale is of a pangolin."
# - **c** "No, the method errs much more often."

# %%
answer = None  # "a", "b" or "c"
training.check("7.8", answer)

# %% [markdown]
# ## Take home
#
# 1. On the stand I say what the report says: result, rank, strength, and what is left open.
# 2. "That I cannot say from my examination" is a complete answer.
# 3. I name the assumption on which my result rests before counsel does.
#
# ## Your task
#
# In pairs: one takes the report and asks five questions as counsel, the other answers aloud; then change. The
# others raise a hand at each word that the report does not have. `docs/report.md` says what the gate looks for.
